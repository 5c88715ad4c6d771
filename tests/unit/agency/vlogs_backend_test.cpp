#include "agency_fixture.hpp"
#include "frontends/vlogs/backend.hpp"
#include "frontends/vlogs/record_writer.hpp"

namespace agency {
namespace {

using abi::vbus::State;

// An ME with a frontend, driven by hand.
struct VlogsTest : AgencyTest {
  VlogsTest() {
    agency.add(backend);
    avz.on_dc_event = [this](std::uint32_t slot, abi::DcEvent e) {
      if (e == abi::DcEvent::activate) connect(slot);
      avz.answer(slot, e);
    };
    inject();
  }
  void write(const std::string& path, const std::string& value) {
    EXPECT_TRUE(agency.store().write(abi::agency_domain, *StorePath::parse(path), value));
  }
  std::string read(const std::string& path) {
    return std::string{agency.store().read(*StorePath::parse(path)).value_or("nothing")};
  }
  void connect(std::uint32_t slot) {
    const auto base = "device/" + std::to_string(slot) + "/vlogs/0/";
    write(base + "ring-ref", "9");
    write(base + "ring-evtchn", "11");
    write(base + "state", "3");
  }
  vlogs::Ring& ring(std::uint32_t slot = 2) { return *reinterpret_cast<vlogs::Ring*>(avz.mapped.at({slot, 9})); }
  void signal(std::uint32_t slot = 2) {
    avz.signal(avz.bound.at({slot, 11}));
    settle();
  }
  void log(std::string_view line) {
    vlogs::RecordWriter& w = *writer;
    ASSERT_TRUE(w.put(6, "[ME:2] ", line));
    static_cast<void>(w.publish());
  }
  std::string lines() {
    std::string all;
    for (const auto& f : frames())
      if (f.type == abi::link::Type::log) all += f.payload.substr(sizeof(abi::link::Log));
    return all;
  }

  vlogs::LogBackend backend{agency.grants(), bells, agency.logs(), agency.report()};
  std::unique_ptr<vlogs::RecordWriter> writer;
  void open() {
    settle();
    agency.link().add_credit(1 << 20);
    settle();
    frames();
    writer = std::make_unique<vlogs::RecordWriter>(ring());
  }
};

TEST_F(VlogsTest, BackendIsAdvertisedAndConnects) {
  EXPECT_TRUE(agency.store().exists(*StorePath::parse("backend/vlogs")));
  settle();
  EXPECT_EQ(read("backend/vlogs/2/0/state"), "4");
  EXPECT_EQ(read("backend/vlogs/2/0/frontend"), "device/2/vlogs/0");
  EXPECT_EQ(read("backend/vlogs/2/0/frontend-id"), "2");
}

// E35, E40: whole lines with the prefix, in order.
TEST_F(VlogsTest, ForwardsLinesInOrder) {
  open();
  log("one");
  log("two");
  signal();
  EXPECT_EQ(lines(), "[ME:2] one\n[ME:2] two\n");
}

TEST_F(VlogsTest, WakesAWriterThatWaits) {
  open();
  while (writer->put(6, "[ME:2] ", std::string(200, 'x'))) {
  }
  static_cast<void>(writer->publish());
  ASSERT_TRUE(writer->prepare_wait(400));
  avz.sent.clear();
  signal();
  EXPECT_EQ(avz.sent, std::vector<std::uint32_t>{avz.bound.at({2, 11})});
}

// Nothing is dropped: without credit the ring stays full and the writer waits.
TEST_F(VlogsTest, SlowEngineMakesTheWriterWait) {
  settle();
  writer = std::make_unique<vlogs::RecordWriter>(ring());
  std::string written;
  for (int i = 0; writer->put(6, "[ME:2] ", "line " + std::to_string(i)); ++i)
    written += "[ME:2] line " + std::to_string(i) + "\n";
  static_cast<void>(writer->publish());
  signal();
  EXPECT_EQ(lines(), "");
  EXPECT_FALSE(writer->put(6, "", std::string(50, 'x')));
  agency.link().add_credit(1 << 20);
  settle();
  EXPECT_EQ(lines(), written);
}

// A line is its ME's, whatever it says, and one line is one line.
TEST_F(VlogsTest, NoMeSpeaksForAnother) {
  open();
  ASSERT_TRUE(writer->put(6, "[ME:3] ", "forged"));
  ASSERT_TRUE(writer->put(6, "", "bare\n[ME:3] second"));
  ASSERT_TRUE(writer->put(6, "[ME:22] ", ""));
  static_cast<void>(writer->publish());
  signal();
  EXPECT_EQ(lines(), "[ME:2] forged\n[ME:2] bare [ME:3] second\n[ME:2] \n");
}

TEST_F(VlogsTest, DeadMesLastWordsAreDelivered) {
  open();
  log("I die");
  avz.crash(2, abi::CrashReason::panic);
  settle();
  EXPECT_EQ(lines(), "[ME:2] I die\n");
  EXPECT_TRUE(avz.mapped.empty());
}

TEST_F(VlogsTest, HostileRingsAreCutOff) {
  open();
  ring().indices.produced = 9999;
  signal();
  EXPECT_NE(console_text.find("the log of ME 2 is cut off: a ring index beyond the ring"), std::string::npos);
  const auto second = inject();
  ASSERT_EQ(second, 3u);
  settle();
  vlogs::RecordWriter other{ring(3)};
  ASSERT_TRUE(other.put(6, "", "fine"));
  static_cast<void>(other.publish());
  signal(3);
  EXPECT_EQ(lines(), "[ME:3] fine\n");
}

// An ME that writes as fast as the agency reads has its turn, and no more.
TEST_F(VlogsTest, ARestlessWriterDoesNotHoldTheLoop) {
  open();
  agency.link().closed();
  int more = 10'000;
  on_say = [&] {
    if (more-- > 0) log("again");
  };
  log("first");
  avz.signal(avz.bound.at({2, 11}));
  bells.answer();
  EXPECT_GT(more, 0);
  on_say = {};
}

// Connecting, writing and closing for ever, with an engine that takes nothing, costs the agency a bounded amount of
// memory; what was lost is counted.
TEST_F(VlogsTest, WhatIsKeptOfTheGoneIsBoundedAndTheRestCounted) {
  settle();
  frames();
  const std::string line = "[ME:2] " + std::string(900, 'x') + '\n';
  std::size_t kept = 0;
  for (; kept < 1000; ++kept) agency.logs().keep(2, line);
  agency.link().add_credit(4 << 20);
  settle();
  const auto all = lines();
  EXPECT_LT(all.size(), 300u * 1024);
  const auto whole = all.rfind(line) / line.size() + 1;
  EXPECT_EQ(all.substr(whole * line.size()), "[ME:2] " + std::to_string(1000 - whole) + " lines lost\n");
}

TEST_F(VlogsTest, TooLongALineIsCutOff) {
  open();
  const vlogs::Record record{vlogs::line_max + 1, 6, 0};
  std::memcpy(ring().bytes, &record, sizeof record);
  ring().indices.produced = sizeof record;
  signal();
  EXPECT_NE(console_text.find("a line longer than the protocol allows"), std::string::npos);
}

// Decision 9: what is in the ring when the ME is suspended is neither lost nor in the copy; afterwards all goes on.
TEST_F(VlogsTest, SuspendTakesOverWhatIsThere) {
  settle();
  frames();
  writer = std::make_unique<vlogs::RecordWriter>(ring());
  log("before");
  agency.bus().suspend(2);
  write("device/2/vlogs/0/state", "10");
  settle();
  EXPECT_EQ(read("backend/vlogs/2/0/state"), "10");
  EXPECT_EQ(ring().indices.consumed, ring().indices.produced);
  avz.sent.clear();
  log("in between");
  signal();
  agency.link().add_credit(1 << 20);
  settle();
  EXPECT_EQ(lines(), "[ME:2] before\n") << "it is left alone";
  EXPECT_TRUE(avz.sent.empty());
  agency.bus().resume(2);
  write("device/2/vlogs/0/state", "4");
  settle();
  EXPECT_EQ(read("backend/vlogs/2/0/state"), "4");
  EXPECT_EQ(lines(), "[ME:2] in between\n");
  EXPECT_EQ(avz.sent, std::vector<std::uint32_t>{avz.bound.at({2, 11})}) << "a writer that waited is woken";
}

// As much as may be kept for a slow engine is kept: then the suspend waits.
TEST_F(VlogsTest, SuspendWaitsForRoom) {
  settle();
  frames();
  writer = std::make_unique<vlogs::RecordWriter>(ring());
  while (agency.logs().may_keep(8 * 1024)) agency.logs().keep(9, std::string(1000, 'x') + "\n");
  log("before");
  agency.bus().suspend(2);
  write("device/2/vlogs/0/state", "10");
  settle();
  EXPECT_EQ(read("backend/vlogs/2/0/state"), "9");
  EXPECT_EQ(agency.bus().unsettled(2), "vlogs/0, whose ring cannot be emptied yet");
  agency.link().add_credit(1 << 20);
  settle();
  EXPECT_EQ(read("backend/vlogs/2/0/state"), "10");
  EXPECT_TRUE(lines().ends_with("[ME:2] before\n"));
}

TEST_F(VlogsTest, ClosesInOrder) {
  settle();
  write("device/2/vlogs/0/state", "5");
  settle();
  EXPECT_EQ(read("backend/vlogs/2/0/state"), "6");
  EXPECT_EQ(avz.mapped.count({2, 9}), 0u);
}

TEST_F(VlogsTest, MalformedPublicationIsAnErrorInTheStore) {
  write("device/2/vlogs/1/ring-ref", "x");
  write("device/2/vlogs/1/state", "3");
  settle();
  EXPECT_EQ(read("device/2/vlogs/1/error"), "ring-ref and ring-evtchn must be decimal numbers");
  EXPECT_EQ(read("backend/vlogs/2/1/state"), "6");
  write("device/2/vother/0/state", "3");
  settle();
  EXPECT_EQ(read("device/2/vother/0/error"), "this smart object has no backend of type vother");
}

TEST_F(VlogsTest, InstancesAreBounded) {
  for (int i = 1; i <= 40; ++i) {
    const auto base = "device/2/vlogs/" + std::to_string(i) + "/";
    write(base + "ring-ref", std::to_string(100 + i));
    write(base + "ring-evtchn", "11");
    write(base + "state", "3");
    settle();
  }
  EXPECT_EQ(avz.mapped.size(), 1 + Bus::frontends_per_me);
  EXPECT_NE(read("device/2/vlogs/40/error").find("may have 32"), std::string::npos);
}

}  // namespace
}  // namespace agency
