// SmartObject against a program that speaks like an agency, also a hostile or dying one.
#include "engine/smart_object.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "engine/neighbours/wire.hpp"

namespace engine {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

class SmartObjectTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              fmt::format("soo-{}-{}", ::getpid(), testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
    options_.qemu = FAKE_QEMU;
    options_.avz = options_.agency = FAKE_QEMU;
    options_.log_base = folder_ / "log";
    options_.window_mb = 1;
  }
  void TearDown() override { fs::remove_all(folder_); }

  auto start(std::string mode = {}) {
    options_.bootargs = std::move(mode);
    return SmartObject::start(options_);
  }

  static std::span<const std::byte> image(std::string_view text) { return std::as_bytes(std::span(text)); }

  static std::string content(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path folder_;
  Options options_;
};

bool alive(int pid) { return ::kill(pid, 0) == 0; }

// What QEMU said last is still on its way when its end is known: each line is told, once and in order.
TEST_F(SmartObjectTest, NothingThatItSaidBeforeItDiedIsLost) {
  for (int run = 0; run < 10; ++run) {
    auto so = start("talk-and-die");
    ASSERT_TRUE(so) << so.error().message;
    const auto events = (*so)->subscribe();
    EXPECT_FALSE((*so)->inject_unchecked(image("capsule:a")));
    int lines = 0;
    for (auto event = events->next(Clock::now() + 60s); event && !std::holds_alternative<Ended>(*event);
         event = events->next(Clock::now() + 60s))
      if (const auto* line = std::get_if<ConsoleLine>(&*event); line && line->text.starts_with("line ")) {
        ASSERT_EQ(line->text, fmt::format("line {} of what it says before it dies, and it is long", lines++));
      }
    EXPECT_EQ(lines, 8000);
  }
}

TEST_F(SmartObjectTest, InjectsListsStopsAndPowersOff) {
  auto so = start();
  ASSERT_TRUE(so) << so.error().message;
  EXPECT_EQ((*so)->ready().cpus, 4U);
  const auto slot = (*so)->inject_unchecked(image("capsule:SOO.a"));
  ASSERT_TRUE(slot) << slot.error().message;
  EXPECT_EQ(*slot, 2U);
  const auto mes = (*so)->list();
  ASSERT_TRUE(mes);
  ASSERT_EQ(mes->size(), 1U);
  EXPECT_EQ(mes->front().name, "SOO.a");
  EXPECT_EQ(mes->front().state, abi::State::living);
  EXPECT_EQ((*so)->store_read("soo/me/2/name").value(), "SOO.fake");
  EXPECT_EQ((*so)->store_list("").value(), (std::vector<std::string>{"device", "soo"}));
  EXPECT_EQ((*so)->info().value().mes, 1U);
  EXPECT_TRUE((*so)->stop(*slot, 10ms));
  EXPECT_TRUE((*so)->list().value().empty());
  const int qemu = (*so)->qemu_pid();
  EXPECT_TRUE((*so)->power_off());
  EXPECT_FALSE(alive(qemu));
  const auto after = (*so)->list();
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().code, Errc::not_up);
}

// M60: what is published comes in the order of the sequence.
TEST_F(SmartObjectTest, PublishesTheInjectionSequenceInOrder) {
  auto so = start();
  ASSERT_TRUE(so);
  const auto events = (*so)->subscribe();
  ASSERT_TRUE((*so)->inject_unchecked(image("capsule:SOO.a")));
  std::vector<std::string> seen;
  const auto deadline = Clock::now() + 60s;
  while (seen.empty() || seen.back() != "ME_state_living") {
    const auto event = events->next(deadline);
    ASSERT_TRUE(event);
    if (const auto* s = std::get_if<StateChanged>(&*event)) seen.emplace_back(abi::name(s->to));
    if (const auto* c = std::get_if<CallbackRan>(&*event); c && !c->ended) seen.emplace_back(c->name);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"ME_state_booting", "callbacks_init", "ME_state_preparing",
                                            "cb_pre_activate", "cb_cooperate", "ME_state_living"}));
}

// E38, E39, E40, E42: one file per ME, named by slot, removed when the smart object boots; others in a folder of their name.
TEST_F(SmartObjectTest, WritesLogLinesIntoOneFilePerMe) {
  fs::create_directories(folder_ / "log");
  std::ofstream(folder_ / "log/me_2.log") << "of yesterday\n";
  std::ofstream(folder_ / "log/me_7.log") << "of yesterday\n";
  {
    auto so = start();
    ASSERT_TRUE(so);
    EXPECT_FALSE(fs::exists(folder_ / "log/me_2.log"));
    EXPECT_FALSE(fs::exists(folder_ / "log/me_7.log"));
    ASSERT_TRUE((*so)->inject_unchecked(image("capsule:SOO.a")));
    ASSERT_TRUE((*so)->inject_unchecked(image("capsule:SOO.b")));
    ASSERT_TRUE((*so)->info());  // the lines came before this reply
    (*so)->flush_logs();
  }
  EXPECT_EQ(content(folder_ / "log/me_2.log"), "[ME:2] one\n[ME:2] two\n");
  EXPECT_EQ(content(folder_ / "log/me_3.log"), "[ME:3] one\n[ME:3] two\n");
  options_.name = "so2";
  auto so = start();
  ASSERT_TRUE(so);
  EXPECT_EQ((*so)->log_folder(), folder_ / "log/so2");
}

TEST_F(SmartObjectTest, PassesOnWhyTheAgencyRefuses) {
  auto so = start("full");
  ASSERT_TRUE(so);
  const auto bad = (*so)->begin_inject(image("something else"));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Errc::refused);
  EXPECT_EQ(bad.error().message, "injection refused: this is not a capsule");
  const auto full = (*so)->begin_inject(image("capsule:SOO.a"));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::no_room);
  const auto kill = (*so)->kill(9);
  ASSERT_FALSE(kill);
  EXPECT_EQ(kill.error().code, Errc::not_found);
  EXPECT_EQ(kill.error().message, "kill of slot 9: slot 9 is empty");
  EXPECT_EQ((*so)->store_read("no/such").error().code, Errc::not_found);
  // The agency would end the link.
  EXPECT_EQ((*so)->store_read(std::string(256, 'a')).error().message, "a vbstore path of 256 bytes: 255 are possible");
  EXPECT_EQ((*so)->store_list(std::string(256, 'a')).error().code, Errc::refused);
  EXPECT_EQ((*so)->store_list(std::string(255, 'a')).error().code, Errc::not_found);
  const auto big = (*so)->begin_inject(std::vector<std::byte>((1 << 20) + 1));
  ASSERT_FALSE(big);
  EXPECT_EQ(big.error().code, Errc::refused);
}

TEST_F(SmartObjectTest, AMeThatDiesBeforeItLivesIsAnErrorWithTheReason) {
  auto so = start("crash");
  ASSERT_TRUE(so);
  const auto slot = (*so)->inject_unchecked(image("capsule:SOO.a"));
  ASSERT_FALSE(slot);
  EXPECT_NE(slot.error().message.find("access outside its memory"), std::string::npos) << slot.error().message;
  EXPECT_TRUE((*so)->info()) << "the smart object itself goes on";
}

// It set itself dormant in cb_pre_activate.
TEST_F(SmartObjectTest, AMeThatRestsFromTheStartHasArrived) {
  auto so = start("rest");
  ASSERT_TRUE(so);
  const auto slot = (*so)->inject_unchecked(image("capsule:SOO.a"));
  ASSERT_TRUE(slot) << slot.error().message;
  EXPECT_EQ(*slot, 2U);
}

TEST_F(SmartObjectTest, DeathDuringACallFailsTheCallAndEveryLaterOne) {
  auto so = start("die-in-inject");
  ASSERT_TRUE(so);
  const auto slot = (*so)->begin_inject(image("capsule:SOO.a"));
  ASSERT_FALSE(slot);
  EXPECT_EQ(slot.error().code, Errc::died);
  EXPECT_NE(slot.error().message.find("signal 9"), std::string::npos) << slot.error().message;
  EXPECT_NE(slot.error().message.find("avz: fake machine"), std::string::npos) << "the last console lines are named";
  EXPECT_EQ((*so)->list().error().code, Errc::died);
  const auto event = (*so)->subscribe()->next(Clock::now() + 60s);
  ASSERT_TRUE(event) << "who comes later hears of it too";
  EXPECT_FALSE(std::get<Ended>(*event).asked_for);
}

TEST_F(SmartObjectTest, NoAnswerIsATimeout) {
  options_.call_deadline = 1s;
  auto so = start("mute");
  ASSERT_TRUE(so);
  EXPECT_EQ((*so)->list().error().code, Errc::timed_out);
}

// A move in doubt outlasts any deadline: only the neighbour can say where the ME is.
TEST_F(SmartObjectTest, AMoveAndAPropagationAreAwaitedAsLongAsTheyTake) {
  options_.call_deadline = 3s;
  auto here = start("no-list");
  options_.name = "so2";
  auto there = start();
  ASSERT_TRUE(here && there);
  ASSERT_TRUE(SmartObject::link(**here, **there));
  const auto outlasts_the_deadline = [&](auto request) {
    const auto events = (*here)->subscribe();
    auto result = std::async(std::launch::async, request);
    for (auto event = events->next(Clock::now() + 60s); event; event = events->next(Clock::now() + 60s))
      if (const auto* line = std::get_if<ConsoleLine>(&*event); line && line->text.contains("nobody knows")) break;
    EXPECT_EQ((*here)->list().error().code, Errc::timed_out) << "this waited for as long as one may";
    (void)(*here)->set_period(1s);  // the agency now answers the first
    return result.get();
  };
  EXPECT_EQ(outlasts_the_deadline([&] { return (*here)->migrate(2, "so2"); }), 7U);
  EXPECT_EQ(outlasts_the_deadline([&] { return (*here)->propagate(2); }), "a copy lives");
}

TEST_F(SmartObjectTest, NotReadyInTimeNamesWhatTheConsoleSaid) {
  options_.boot_deadline = 2s;
  const auto so = start("silent");
  ASSERT_FALSE(so);
  EXPECT_EQ(so.error().code, Errc::timed_out);
  EXPECT_NE(so.error().message.find("avz: fake machine"), std::string::npos) << so.error().message;
}

TEST_F(SmartObjectTest, DeathBeforeReadyIsToldWithStatusAndLastWords) {
  const auto refused = start("refuse");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("ended with exit status 3"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("cannot set up this machine"), std::string::npos) << refused.error().message;
  const auto died = start("die-before-ready");
  ASSERT_FALSE(died);
  EXPECT_NE(died.error().message.find("agency: something is very wrong"), std::string::npos) << died.error().message;
}

class HostileAgency : public SmartObjectTest,
                      public testing::WithParamInterface<std::pair<const char*, const char*>> {};

// The link is untrusted: whoever breaks a rule is not believed any more.
TEST_P(HostileAgency, IsEndedAndTheRuleItBrokeIsNamed) {
  auto so = start(GetParam().first);
  Error error;
  if (so) {
    const auto events = (*so)->subscribe();
    const auto deadline = Clock::now() + 60s;
    while (const auto event = events->next(deadline))
      if (const auto* ended = std::get_if<Ended>(&*event)) {
        error = ended->reason;
        break;
      }
  } else {
    error = so.error();
  }
  EXPECT_EQ(error.code, Errc::died);
  EXPECT_NE(error.message.find(GetParam().second), std::string::npos) << error.message;
}

INSTANTIATE_TEST_SUITE_P(Each, HostileAgency,
                         testing::Values(std::pair("garbage", "a frame begins with"),
                                         std::pair("wrong-id", "request 77"), std::pair("wrong-slot", "slot 9999"),
                                         std::pair("wrong-state", "to 77"), std::pair("early-log", "before ready"),
                                         std::pair("old", "speaks version 2.0")));

TEST_F(SmartObjectTest, MoreLogThanTheCreditAllowsIsDroppedAndCounted) {
  options_.log_base = folder_ / "log";
  auto so = start("flood");
  ASSERT_TRUE(so);
  ASSERT_TRUE((*so)->inject_unchecked(image("capsule:SOO.a")));
  ASSERT_TRUE((*so)->info());
  (*so)->flush_logs();
  ASSERT_TRUE((*so)->power_off());
  (*so).reset();
  std::ifstream in(folder_ / "log/me_2.log");
  long kept = 0, lost = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("xxx")) ++kept;
    if (line.ends_with(" lines lost")) lost += std::stol(line.substr(line.find(']') + 2));
  }
  EXPECT_EQ(kept + lost, 64);
}

// QEMU must not outlive its owner, not even one that is killed.
TEST_F(SmartObjectTest, QemuDiesWithItsOwner) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t owner = ::fork();
  if (owner == 0) {
    auto so = start();
    const int pid = so ? (*so)->qemu_pid() : -1;
    (void)!::write(pipe_ends[1], &pid, sizeof pid);
    ::pause();
  }
  int qemu = -1;
  ASSERT_EQ(::read(pipe_ends[0], &qemu, sizeof qemu), static_cast<ssize_t>(sizeof qemu));
  ASSERT_GT(qemu, 0);
  ::close(pipe_ends[1]);
  const int qemu_fd = static_cast<int>(::syscall(SYS_pidfd_open, qemu, 0));
  ASSERT_GE(qemu_fd, 0);
  ::kill(owner, SIGKILL);
  ::waitpid(owner, nullptr, 0);
  pollfd ended{qemu_fd, POLLIN, 0};
  EXPECT_EQ(::poll(&ended, 1, 60'000), 1) << "QEMU lives on";
  ::close(qemu_fd);
  ::close(pipe_ends[0]);
}

// A script around QEMU is killed with what it has started.
TEST_F(SmartObjectTest, WhatAScriptHasStartedEndsWithIt) {
  const auto script = folder_ / "qemu", pid_file = folder_ / "pid";
  std::ofstream(script) << fmt::format("#!/bin/sh\n\"{}\" \"$@\" &\necho $! >'{}'\nwait\n", FAKE_QEMU,
                                       pid_file.string());
  fs::permissions(script, fs::perms::owner_all);
  options_.qemu = script;
  auto so = start();
  ASSERT_TRUE(so) << so.error().message;
  const int qemu = std::stoi(content(pid_file));
  const int qemu_fd = static_cast<int>(::syscall(SYS_pidfd_open, qemu, 0));
  ASSERT_GE(qemu_fd, 0);
  so->reset();
  pollfd ended{qemu_fd, POLLIN, 0};
  EXPECT_EQ(::poll(&ended, 1, 60'000), 1) << "QEMU lives on";
  ::close(qemu_fd);
}

TEST_F(SmartObjectTest, QemuMissingOrTooOldIsNamedWithTheRemedy) {
  options_.qemu = "qemu-that-is-not-there";
  auto so = start();
  ASSERT_FALSE(so);
  EXPECT_EQ(so.error().code, Errc::environment);
  EXPECT_EQ(so.error().remedy, "apt-get install qemu-system-arm");
  const auto old = folder_ / "old-qemu";
  std::ofstream(old) << "#!/bin/sh\necho QEMU emulator version 5.2.0\n";
  fs::permissions(old, fs::perms::owner_all);
  options_.qemu = old;
  so = start();
  ASSERT_FALSE(so);
  EXPECT_EQ(so.error().code, Errc::environment);
  EXPECT_NE(so.error().message.find("QEMU 5.2; 7.2 or later"), std::string::npos) << so.error().message;
}

TEST_F(SmartObjectTest, RefusesAMachineThatCannotBe) {
  options_.gic = 2;
  options_.cpus = 9;
  EXPECT_EQ(start().error().code, Errc::usage);
  options_.cpus = 4;
  options_.name = "../so1";
  EXPECT_EQ(start().error().code, Errc::usage);
  options_.name = "so1";
  options_.agency = folder_ / "not-there";
  EXPECT_EQ(start().error().code, Errc::environment);
}

TEST_F(SmartObjectTest, ALogFolderThatCannotBeIsNamed) {
  std::ofstream(folder_ / "log") << "a file\n";
  const auto so = start();
  ASSERT_FALSE(so);
  EXPECT_NE(so.error().message.find((folder_ / "log").string()), std::string::npos) << so.error().message;
}

// A neighbour whose engine says what it likes: greets, and reads nothing.
FileDescriptor stranger(SmartObject& so, std::uint32_t number) {
  namespace nb = neighbours;
  int ends[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  so.expect_link(FileDescriptor(ends[0]));
  FileDescriptor own(ends[1]);
  const timeval patience{60, 0};
  EXPECT_EQ(::setsockopt(own.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
  struct {
    nb::Head head{static_cast<std::uint32_t>(nb::Type::greeting), sizeof(nb::Greeting)};
    nb::Greeting greeting{nb::greeting_magic, nb::wire_version, 0, 1, 1, 0, {}};
  } all;
  static_assert(sizeof all == sizeof(nb::Head) + sizeof(nb::Greeting));
  all.greeting.agency_uid = 1'000'000 + number;
  fmt::format_to_n(all.greeting.name, sizeof all.greeting.name - 1, "other{}", number);
  EXPECT_EQ(::write(own.get(), &all, sizeof all), static_cast<ssize_t>(sizeof all));
  return own;
}

// Until the other end is closed: what it was sent.
std::string last_words(const FileDescriptor& fd) {
  std::string all;
  char part[4096];
  for (ssize_t n; (n = ::read(fd.get(), part, sizeof part)) > 0;) all.append(part, static_cast<std::size_t>(n));
  return all;
}

// One neighbour too many is refused, whoever it is; the smart object, its MEs and its other neighbours go on.
TEST_F(SmartObjectTest, OneNeighbourTooManyIsRefused) {
  auto so = start();
  ASSERT_TRUE(so) << so.error().message;
  std::vector<FileDescriptor> others;
  for (std::uint32_t i = 0; i < 33; ++i) {
    others.push_back(stranger(**so, i));
    char greeting[sizeof(neighbours::Head) + sizeof(neighbours::Greeting)];
    if (i == 32) break;
    ASSERT_EQ(::read(others.back().get(), greeting, sizeof greeting), static_cast<ssize_t>(sizeof greeting));
  }
  EXPECT_NE(last_words(others.back()).find("so1 does not take other32 as a neighbour: 32 neighbours are the most"),
            std::string::npos);
  EXPECT_EQ((*so)->neighbours().value().size(), 32U);
  options_.name = "so2";
  auto another = start();
  ASSERT_TRUE(another);
  const auto linked = SmartObject::link(**so, **another);
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().code, Errc::no_room);
  EXPECT_TRUE((*so)->info()) << "it lives on";
  others.clear();
}

// Without a deadline each of these is late at once, and its work runs when its caller has gone.
TEST_F(SmartObjectTest, WhatIsLateIsNamedAndTouchesNothingOfItsCaller) {
  options_.call_deadline = 0s;
  auto so = start();
  ASSERT_TRUE(so) << so.error().message;
  for (int i = 0; i < 100; ++i) {
    const auto gone = (*so)->unlink("a-neighbour-with-a-long-name");
    ASSERT_FALSE(gone);
    if (gone.error().code != Errc::not_found) {
      EXPECT_EQ(gone.error().message, "unlink: smart object so1 has not answered in time");
    }
    const auto moved = (*so)->migrate(2, "a-neighbour-with-a-long-name");
    ASSERT_FALSE(moved);
    if (moved.error().code != Errc::not_found) {
      EXPECT_EQ(moved.error().message,
                "neighbour a-neighbour-with-a-long-name: smart object so1 has not answered in time");
    }
  }
}

// Of two that have the same name, in runtime folders of their own, the second would remove what the first has logged.
TEST_F(SmartObjectTest, ALogFolderBelongsToOneAtATime) {
  auto first = start();
  ASSERT_TRUE(first) << first.error().message;
  const auto second = start();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::already_up);
  EXPECT_EQ(second.error().message,
            fmt::format("another smart object keeps its logs in {}", options_.log_base.string()));
  EXPECT_EQ(second.error().remedy, "choose another folder with --log-dir, or another name");
  options_.name = "so2";
  EXPECT_TRUE(start()) << "it has a folder of its own in there";
  options_.name = "so1";
  first->reset();
  EXPECT_TRUE(start());
}

// Issue 3, item 10.
TEST_F(SmartObjectTest, TracesOnceAtATime) {
  auto so = start();
  ASSERT_TRUE(so) << so.error().message;
  EXPECT_EQ((*so)->end_trace().error().code, Errc::wrong_state);
  const auto before = Clock::now();
  ASSERT_TRUE((*so)->begin_trace());
  EXPECT_EQ((*so)->begin_trace().error().code, Errc::wrong_state);
  const auto recording = (*so)->end_trace();
  ASSERT_TRUE(recording) << recording.error().message;
  EXPECT_EQ(recording->name, "so1");
  ASSERT_EQ(recording->records.size(), 1U);
  EXPECT_EQ(recording->records[0].slot, 2);
  ASSERT_EQ(recording->syncs.size(), 16U);
  for (std::size_t i = 0; i < recording->syncs.size(); ++i) {
    EXPECT_EQ(recording->syncs[i].machine, 1000 + i);
    EXPECT_LE(recording->syncs[i].before, recording->syncs[i].after);
    EXPECT_GE(recording->syncs[i].before, before.time_since_epoch().count());
  }
  ASSERT_TRUE((*so)->begin_trace());
  EXPECT_EQ((*so)->end_trace()->records.size(), 1U);
}

TEST_F(SmartObjectTest, ATraceThatIsRefusedIsNotOn) {
  auto so = start("no-trace");
  ASSERT_TRUE(so) << so.error().message;
  for (int i = 0; i < 2; ++i) {
    const auto refused = (*so)->begin_trace();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::no_room);
    EXPECT_NE(refused.error().message.find("no memory for a trace"), std::string::npos);
  }
}

// Whatever fails at its beginning or its end, the machine does not go on recording.
TEST_F(SmartObjectTest, ATraceThatFailsIsOff) {
  auto never_begun = start("no-sync");
  ASSERT_TRUE(never_begun) << never_begun.error().message;
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ((*never_begun)->begin_trace().error().message, "sync point of a trace: no room for a sync point");
  options_.name = "so2";
  auto not_ended = start("no-last-sync");
  ASSERT_TRUE(not_ended) << not_ended.error().message;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE((*not_ended)->begin_trace());
    EXPECT_EQ((*not_ended)->end_trace().error().message, "sync point of a trace: no room for a sync point");
  }
}

TEST_F(SmartObjectTest, RecordsThatCannotBeEndTheLink) {
  for (const auto& [mode, rule] : {std::pair("bad-trace", "a trace record of kind 200"),
                                   std::pair("bad-trace-cpu", "a trace record of CPU 4, of 4")}) {
    auto so = start(mode);
    ASSERT_TRUE(so) << so.error().message;
    ASSERT_TRUE((*so)->begin_trace());
    const auto recording = (*so)->end_trace();
    ASSERT_FALSE(recording);
    EXPECT_NE(recording.error().message.find(rule), std::string::npos) << recording.error().message;
  }
}

}  // namespace
}  // namespace engine
