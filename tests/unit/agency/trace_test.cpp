// The agency's part of a trace: issue 3, item 10.
#include <algorithm>

#include "agency_fixture.hpp"

namespace agency {
namespace {

using abi::Status;
using abi::link::Type;
using abi::trace::Flags;
using abi::trace::Kind;
using abi::trace::Record;

constexpr auto all_flags = static_cast<std::uint32_t>(Flags::all);

struct AgencyTraceTest : AgencyTest {
  // The trace goes on until its next look at avz.
  void TearDown() override {
    set(0);
    fake_time += 1'000'000'000;
    settle();
    AgencyTest::TearDown();
  }
  Status set(std::uint32_t flags) {
    ask(Type::trace, 50, raw(abi::link::Trace{flags, 0}));
    const auto r = reply(50);
    why = r ? r->text : "";
    return r ? r->status : Status::busy;
  }
  // Those that have come since, in the order of their arrival.
  std::vector<Record> records() {
    auto sent = std::exchange(others, {});
    for (auto& f : frames()) sent.push_back(std::move(f));
    std::vector<Record> found;
    for (const auto& f : sent) {
      if (f.type != Type::trace_records) continue;
      EXPECT_EQ(f.payload.size() % sizeof(Record), 0u);
      std::vector<Record> some(f.payload.size() / sizeof(Record));
      std::memcpy(some.data(), f.payload.data(), f.payload.size());
      found.insert(found.end(), some.begin(), some.end());
    }
    return found;
  }
  static std::vector<Record> of(const std::vector<Record>& from, Kind kind) {
    std::vector<Record> some;
    std::copy_if(from.begin(), from.end(), std::back_inserter(some),
                 [&](const Record& r) { return static_cast<Kind>(r.kind) == kind; });
    return some;
  }
  void record(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; i++) avz.records.push_back({i, 1, 0, 2, i, {}});
  }
  std::string why;
};

TEST_F(AgencyTraceTest, NothingIsRecordedWhileItIsOff) {
  inject();
  pass(100 * ms);
  EXPECT_TRUE(records().empty());
  EXPECT_EQ(avz.traced, 0u);
}

TEST_F(AgencyTraceTest, SaysWhatItNeedsWhenThereIsNoMemory) {
  avz.fail = [](abi::Call c) {
    return c == abi::Call::trace_control ? std::optional{Status::no_memory} : std::nullopt;
  };
  EXPECT_EQ(set(all_flags), Status::no_memory);
  EXPECT_EQ(
      why,
      "there is no memory for a trace: its rings need 128 KB for each of 4 CPUs, 65536 KB are not promised to MEs; "
      "end one");
  avz.fail = [](abi::Call) { return std::nullopt; };
  pass(100 * ms);
  EXPECT_TRUE(records().empty());
}

TEST_F(AgencyTraceTest, HasCallbacksOfAnInjectionInOrder) {
  ASSERT_EQ(set(all_flags), Status::ok);
  EXPECT_EQ(avz.traced, all_flags);
  const auto slot = inject();
  pass(10 * ms);
  const auto all = records();
  std::vector<std::string> seen;
  for (const auto& r : all) {
    if (r.kind != static_cast<std::uint8_t>(Kind::callback_begin)) continue;
    EXPECT_EQ(r.slot, slot);
    const auto number = r.number & 0xffff;
    seen.emplace_back(r.number >> 16 == 2   ? "callbacks_init"
                      : r.number >> 16 == 1 ? name(static_cast<abi::DcEvent>(number))
                                            : name(static_cast<abi::Domcall>(number)));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"callbacks_init", "cb_pre_activate", "cb_cooperate"}));
  const auto names = of(all, Kind::name);
  ASSERT_EQ(names.size(), 1u);
  EXPECT_STREQ(reinterpret_cast<const char*>(names[0].value), "SOO.refso3");
}

TEST_F(AgencyTraceTest, NamesThoseThatAreThereAlready) {
  inject();
  ASSERT_EQ(set(all_flags), Status::ok);
  pass(10 * ms);
  EXPECT_EQ(of(records(), Kind::name).size(), 1u);
}

TEST_F(AgencyTraceTest, ASyncPointIsAnsweredWithItsTimeAndRecorded) {
  ASSERT_EQ(set(all_flags), Status::ok);
  pass(5 * ms);
  ask(Type::sync, 51, raw(abi::link::Sync{77}));
  EXPECT_EQ(reply(51)->value, fake_time);
  const auto at = fake_time;
  pass(5 * ms);
  const auto syncs = of(records(), Kind::sync);
  ASSERT_EQ(syncs.size(), 1u);
  EXPECT_EQ(syncs[0].time, at);
  EXPECT_EQ(syncs[0].value[0], 77u);
}

TEST_F(AgencyTraceTest, AvzsRecordsArePassedOnWholeAndInOrder) {
  ASSERT_EQ(set(all_flags), Status::ok);
  record(5000);
  avz.records_lost = 9;
  pass(10 * ms);
  const auto all = records();
  const auto calls = of(all, Kind::call);
  ASSERT_EQ(calls.size(), 5000u);
  for (std::uint32_t i = 0; i < 5000; i++) EXPECT_EQ(calls[i].number, i);
  const auto lost = of(all, Kind::lost);
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].value[0], 9u);
}

// An engine that does not read costs what a link has waiting and one buffer, not more; what is missing is counted.
TEST_F(AgencyTraceTest, MemoryAndRateAreBounded) {
  ASSERT_EQ(set(all_flags), Status::ok);
  port.room = 0;
  record(100'000);
  pass(100 * ms);
  EXPECT_GE(avz.records.size(), 100'000u - 3 * 1024u);
  EXPECT_LE(avz.records.size(), 100'000u - 2048u + 1024u);
  for (int i = 0; i < 10'000; i++) agency.report().begins(2, abi::Domcall::null);
  pass(10 * ms);
  EXPECT_TRUE(agency.link().is_open());
  avz.records.clear();
  port.room = SIZE_MAX;
  agency.link().flush();
  pass(10 * ms);
  const auto all = records();
  EXPECT_EQ(of(all, Kind::callback_begin).size(), 4096u);
  const auto lost = of(all, Kind::lost);
  ASSERT_FALSE(lost.empty());
  EXPECT_EQ(lost.back().value[1], 10'000u - 4096u);
}

TEST_F(AgencyTraceTest, TheEndComesAfterTheLastRecord) {
  ASSERT_EQ(set(all_flags), Status::ok);
  record(3000);
  ask(Type::trace, 52, raw(abi::link::Trace{0, 0}));
  const auto sent = frames();
  ASSERT_FALSE(sent.empty());
  EXPECT_EQ(sent.back().type, Type::reply);
  EXPECT_EQ(sent.back().id, 52u);
  EXPECT_TRUE(avz.records.empty());
  EXPECT_EQ(avz.traced, 0u);
  record(10);
  pass(100 * ms);
  EXPECT_EQ(avz.records.size(), 10u);
}

TEST_F(AgencyTraceTest, EndsWithTheLinkAndCanBeginAnew) {
  ASSERT_EQ(set(all_flags), Status::ok);
  agency.link().closed();
  EXPECT_EQ(avz.traced, 0u);
  agency.link().open();
  ASSERT_EQ(set(static_cast<std::uint32_t>(Flags::states)), Status::ok);
  record(3);
  pass(10 * ms);
  EXPECT_EQ(of(records(), Kind::call).size(), 3u);
}

TEST_F(AgencyTraceTest, AnEngineThatDoesNotReadDoesNotHoldUpTheEnd) {
  ASSERT_EQ(set(all_flags), Status::ok);
  port.room = 0;
  record(100'000);
  ask(Type::trace, 53, raw(abi::link::Trace{0, 0}));
  pass(2000 * ms);
  EXPECT_EQ(avz.traced, 0u);
}

}  // namespace
}  // namespace agency
