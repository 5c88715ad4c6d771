// `me` from the outside, on a program that speaks like a smart object: exit codes, words, and what stays behind.
#include "tests/unit/me_command/command.hpp"
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/image/itb_builder.hpp"

namespace me {
namespace {

TEST_F(CommandTest, UpStaysUpUntilDownAndLeavesNothing) {
  const auto up_outcome = up();
  ASSERT_EQ(up_outcome.code, 0) << up_outcome.err;
  EXPECT_EQ(up_outcome.out,
            fmt::format("so1 is up: 4 CPUs, GICv3, 400 MB free; logs in {}\n", (folder_ / "log").string()));
  const pid_t supervisor = facts().value("pid", 0), qemu = facts().value("qemu_pid", 0);
  ASSERT_GT(supervisor, 0);
  EXPECT_EQ(me({"ps"}).code, 0);
  const auto down = me({"down"});
  EXPECT_EQ(down.code, 0) << down.err;
  EXPECT_EQ(down.out, "so1 is down\n");
  EXPECT_TRUE(has_ended(supervisor));
  EXPECT_TRUE(has_ended(qemu));
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(CommandTest, TheSameSmartObjectTwiceIsRefusedAndTheFirstGoesOn) {
  ASSERT_EQ(up().code, 0);
  const auto again = up();
  EXPECT_EQ(again.code, 8);
  EXPECT_NE(again.err.find("smart object so1 is up already"), std::string::npos) << again.err;
  EXPECT_EQ(me({"ps"}).code, 0);
}

TEST_F(CommandTest, SmartObjectsOfTwoNamesLiveSideBySide) {
  ASSERT_EQ(up().code, 0);
  ASSERT_EQ(up({}, "so2").code, 0);
  EXPECT_EQ(me({"down", "--on", "so2"}).code, 0);
  EXPECT_EQ(me({"ps", "--on", "so1"}).code, 0);
  EXPECT_EQ(me({"ps", "--on", "so2"}).code, 3);
}

// Else the second would remove what the first has logged.
TEST_F(CommandTest, OfOneNameInTwoRuntimeFoldersTheSecondNeedsLogsOfItsOwn) {
  ASSERT_EQ(up().code, 0);
  ::setenv("ME_RUNTIME_DIR", (folder_ / "other").c_str(), 1);
  const auto second = up();
  EXPECT_EQ(second.code, 8);
  EXPECT_NE(second.err.find(fmt::format("another smart object keeps its logs in {}", (folder_ / "log").string())),
            std::string::npos)
      << second.err;
  auto args = up_args();
  args.back() = (folder_ / "other-log").string();
  EXPECT_EQ(me(args).code, 0);
  EXPECT_EQ(me({"down"}).code, 0);
  ::setenv("ME_RUNTIME_DIR", (folder_ / "run").c_str(), 1);
  EXPECT_EQ(me({"ps"}).code, 0) << "the first goes on";
}

TEST_F(CommandTest, VerbsWithNothingUpSaySo) {
  for (const auto& args : std::vector<std::vector<std::string>>{
           {"ps"}, {"down"}, {"kill", "2"}, {"stop", "2"}, {"vbstore"}, {"console"}, {"logs", "-f"}}) {
    const auto outcome = me(args);
    EXPECT_EQ(outcome.code, 3) << args[0];
    EXPECT_EQ(outcome.err, "me: smart object so1 is not up\n    start it: me up\n") << args[0];
    EXPECT_EQ(outcome.out, "") << args[0];
  }
}

TEST_F(CommandTest, EmptySlotsAndMissingEntriesAreNotFound) {
  ASSERT_EQ(up().code, 0);
  const auto kill = me({"kill", "9"});
  EXPECT_EQ(kill.code, 5);
  EXPECT_EQ(kill.err, "me: kill of slot 9: slot 9 is empty\n");
  EXPECT_EQ(me({"stop", "9", "--grace", "1"}).code, 5);
  EXPECT_EQ(me({"vbstore", "no/such"}).code, 5);
  EXPECT_EQ(me({"vbstore", std::string(256, 'a')}).code, 4);
  EXPECT_EQ(me({"logs", "9"}).code, 5);
}

TEST_F(CommandTest, ShowsStoreAndConsole) {
  ASSERT_EQ(up().code, 0);
  EXPECT_EQ(me({"vbstore"}).out, "device = \nsoo/me/2/name = SOO.fake\n");
  EXPECT_EQ(me({"vbstore", "/soo/me/"}).out, "soo/me/2/name = SOO.fake\n");
  EXPECT_EQ(me({"console"}).out, "avz: fake machine\n");
  EXPECT_EQ(json::parse(me({"console", "--json"}).out), json({"avz: fake machine"}));
  EXPECT_EQ(json::parse(me({"ps", "--json"}).out), json::array());
}

TEST_F(CommandTest, ABadCapsuleIsRefusedInTheSameWordsWithAndWithoutASmartObject) {
  const auto file = folder_ / "bad.itb";
  std::ofstream(file) << "this is no capsule";
  const auto without = me({"inject", file});
  EXPECT_EQ(without.code, 4);
  EXPECT_NE(without.err.find(file.string()), std::string::npos) << without.err;
  ASSERT_EQ(up().code, 0);
  EXPECT_EQ(me({"inject", file}).err, without.err);
  EXPECT_EQ(me({"inject", folder_ / "none.itb"}).code, 5);
  EXPECT_EQ(me({"inject", folder_}).code, 4);
}

// M31: a folder of capsules; one that is bad is named, and the smart object is up all the same.
TEST_F(CommandTest, MeDirReportsEachCapsule) {
  fs::create_directories(folder_ / "mes");
  std::ofstream(folder_ / "mes/b.itb") << "bad";
  std::ofstream(folder_ / "mes/a.itb") << "bad";
  std::ofstream(folder_ / "mes/readme.txt") << "not one";
  auto args = up_args();
  args.insert(args.end(), {"--me-dir", folder_ / "mes"});
  const auto outcome = me(args);
  EXPECT_EQ(outcome.code, 4);
  const auto a = outcome.err.find("a.itb"), b = outcome.err.find("b.itb");
  EXPECT_TRUE(a < b && b != std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("readme.txt"), std::string::npos);
  EXPECT_EQ(me({"ps"}).code, 0);
}

TEST_F(CommandTest, AMissingMeDirIsToldBeforeAnythingStarts) {
  auto args = up_args();
  args.insert(args.end(), {"--me-dir", folder_ / "none"});
  EXPECT_EQ(me(args).code, 5);
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(CommandTest, WhatFailsAtTheStartIsToldAndLeavesNothing) {
  const auto refused = up("refuse");
  EXPECT_EQ(refused.code, 9);
  EXPECT_NE(refused.err.find("cannot set up this machine"), std::string::npos) << refused.err;
  EXPECT_TRUE(nothing_is_left());
  EXPECT_EQ(
      me({"up", "--qemu", "no-such-qemu", "--avz", FAKE_QEMU, "--agency", FAKE_QEMU, "--log-dir", folder_ / "log"})
          .code,
      7);
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(CommandTest, CtrlCWhileItStartsLeavesNothing) {
  const pid_t command = begin(up_args("silent"));
  // The lock is there from the beginning of the start; QEMU, which says nothing, comes after it.
  EXPECT_TRUE(wait_until([&] { return fs::exists(run_file("so1", ".lock")); }, command));
  ::kill(command, SIGINT);
  const auto outcome = end(command);
  EXPECT_EQ(outcome.code, 11) << outcome.err;
  EXPECT_TRUE(nothing_is_left());
}

// Whatever they wait for.
TEST_F(CommandTest, InterruptedVerbsEndWithTheirExitCode) {
  ASSERT_EQ(up("mute").code, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    for (const auto& args : std::vector<std::vector<std::string>>{
             {"ps"}, {"kill", "2"}, {"stop", "2"}, {"vbstore"}, {"console", "-f"}, {"logs", "-f"}}) {
      const pid_t command = begin(args);
      EXPECT_TRUE(wait_until([&] { return holds_interrupts(command); }, command));
      ::kill(command, signal);
      const auto outcome = end(command);
      EXPECT_EQ(outcome.code, 11) << args[0] << signal;
      EXPECT_EQ(outcome.err, "me: interrupted\n") << args[0] << signal;
    }
  EXPECT_EQ(me({"console"}).code, 0) << "the smart object goes on";
}

// QEMU has been reaped when the command ends.
TEST_F(CommandTest, AnInterruptedStartHasEndedItsQemu) {
  adopt_orphans();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const pid_t command = begin(up_args("silent"));
    EXPECT_TRUE(wait_until([&] { return fs::exists(run_file("so1", ".lock")); }, command));
    ::kill(command, signal);
    EXPECT_EQ(end(command).code, 11);
    EXPECT_TRUE(no_child_lives());
    EXPECT_TRUE(nothing_is_left());
  }
}

// A half-done `up` is undone.
TEST_F(CommandTest, UpInterruptedWhileItInjectsLeavesNothing) {
  adopt_orphans();
  fs::create_directories(folder_ / "mes");
  const auto itb = image_test::good_itb();
  std::ofstream(folder_ / "mes/a.itb").write(reinterpret_cast<const char*>(itb.data()), std::ssize(itb));
  auto args = up_args("mute");
  args.insert(args.end(), {"--me-dir", folder_ / "mes"});
  const pid_t command = begin(args);
  EXPECT_TRUE(wait_until([&] { return !content(folder_ / "out").empty(); }, command));
  ::kill(command, SIGINT);
  const auto outcome = end(command);
  EXPECT_EQ(outcome.code, 11);
  EXPECT_EQ(outcome.err, "me: interrupted: smart object so1 is not up\n");
  EXPECT_TRUE(no_child_lives());
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(CommandTest, UpBeingKilledWhileItStartsLeavesNothing) {
  const pid_t command = begin(up_args("silent"));
  EXPECT_TRUE(wait_until([&] { return fs::exists(run_file("so1", ".lock")); }, command));
  ::kill(command, SIGKILL);
  (void)end(command);
  // The supervisor sees that nobody waits for it any more.
  EXPECT_TRUE(wait_until([&] { return nothing_is_left(); }));
}

// What a supervisor is sent does not end it.
TEST_F(CommandTest, ASupervisorSurvivesWhatIsNoRequest) {
  ASSERT_EQ(up().code, 0);
  for (const std::string request : {"{\"verb\":1}\n", "[]\n", "null\n", "no JSON\n", "{\"verb\":\"down\"", "\n",
                                    "{\"verb\":\"trace\"}\n", "{\"verb\":\"trace\",\"what\":0}\n",
                                    "{\"verb\":\"trace\",\"what\":99999}\n", "{\"verb\":\"trace\",\"what\":1e30}\n"}) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{AF_UNIX, {}};
    run_file("so1", ".sock").string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::write(fd, request.data(), request.size()), std::ssize(request));
    ::shutdown(fd, SHUT_WR);
    char answer[256];
    while (::read(fd, answer, sizeof answer) > 0) {
    }
    ::close(fd);
    EXPECT_EQ(me({"ps"}).code, 0) << request;
  }
}

// A follower hears what came before the end, and why it ended.
TEST_F(CommandTest, FollowersAreToldTheEnd) {
  for (int run = 0; run < 5; ++run) {
    ASSERT_EQ(up("talk-and-die").code, 0);
    const pid_t follower = begin({"console", "-f"});
    EXPECT_TRUE(wait_until([&] { return !content(folder_ / "out").empty(); }, follower));
    const pid_t supervisor = facts().value("pid", 0);
    ::kill(facts().value("qemu_pid", 0), SIGKILL);
    const auto outcome = end(follower);
    EXPECT_EQ(outcome.code, 9) << outcome.err;
    EXPECT_NE(outcome.err.find("QEMU was killed by signal 9"), std::string::npos) << outcome.err;
    EXPECT_TRUE(has_ended(supervisor));
  }
}

// Others could answer in the name of the smart object.
TEST_F(CommandTest, ARuntimeFolderThatOthersCanWriteToIsRefused) {
  fs::create_directories(folder_ / "run");
  fs::permissions(folder_ / "run", fs::perms::all);
  for (const auto* verb : {"ps", "logs"}) {
    const auto outcome = me({verb});
    EXPECT_EQ(outcome.code, 7) << verb;
    EXPECT_NE(outcome.err.find("nobody else can write to"), std::string::npos) << outcome.err;
  }
  fs::remove_all(folder_ / "run");
}

TEST_F(CommandTest, OutputThatCannotBeWrittenIsAnError) {
  const auto command = fmt::format("'{}' doctor --help >/dev/full 2>/dev/null", ME);
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 6);
}

TEST_F(CommandTest, AKilledSupervisorIsCleanedUpByTheNextUp) {
  ASSERT_EQ(up().code, 0);
  const pid_t supervisor = facts().value("pid", 0), qemu = facts().value("qemu_pid", 0);
  ::kill(supervisor, SIGKILL);
  ASSERT_TRUE(has_ended(supervisor));
  EXPECT_TRUE(has_ended(qemu)) << "QEMU must not outlive it";
  const auto ps = me({"ps"});
  EXPECT_EQ(ps.code, 3);
  EXPECT_NE(ps.err.find("its supervisor has died"), std::string::npos) << ps.err;
  const auto again = up();
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_NE(
      again.err.find(fmt::format("cleaned up: the supervisor of smart object so1 (process {}) had died", supervisor)),
      std::string::npos)
      << again.err;
}

TEST_F(CommandTest, AKilledQemuIsToldByTheNextVerbAndCleanedUpByTheNextUp) {
  ASSERT_EQ(up().code, 0);
  const pid_t supervisor = facts().value("pid", 0);
  ::kill(facts().value("qemu_pid", 0), SIGKILL);
  ASSERT_TRUE(has_ended(supervisor));
  const auto ps = me({"ps"});
  EXPECT_EQ(ps.code, 9);
  EXPECT_NE(ps.err.find("QEMU was killed by signal 9"), std::string::npos) << ps.err;
  const auto again = up();
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.err.find("cleaned up: smart object so1 died: QEMU was killed by signal 9"), std::string::npos)
      << again.err;
}

TEST_F(CommandTest, ALinkIsMadeAgainAlthoughTheConsoleNeverRests) {
  ASSERT_EQ(up("chatty").code, 0);
  ASSERT_EQ(up({}, "so2").code, 0);
  ASSERT_EQ(me({"link", "so1", "so2"}).code, 0);
  die("so2");
  ASSERT_EQ(up({}, "so2").code, 0);
  EXPECT_TRUE(wait_until([&] { return neighbours_of("so1") == Names{"so2"}; }));
}

TEST_F(CommandTest, ANeighbourThatIsAwayCanBeUnlinked) {
  for (const auto* name : {"so1", "so2", "so3"}) ASSERT_EQ(up({}, name).code, 0);
  ASSERT_EQ(me({"link", "so1", "so2"}).code, 0);
  ASSERT_EQ(me({"link", "so1", "so3"}).code, 0);
  die("so2");
  die("so3");
  EXPECT_TRUE(wait_until([&] { return neighbours_of("so1").empty(); }));
  const auto gone = me({"unlink", "so1", "so2"});
  EXPECT_EQ(gone.code, 0) << gone.err;
  const auto again = me({"unlink", "so1", "so2"});
  EXPECT_EQ(again.code, 5);
  EXPECT_EQ(again.err, "me: so1 is not linked with so2\n");
  ASSERT_EQ(up({}, "so2").code, 0);
  ASSERT_EQ(up({}, "so3").code, 0);
  // so1 looks for those that it misses in the order of their names: so2 would be back before so3.
  EXPECT_TRUE(wait_until([&] { return !neighbours_of("so1").empty(); }));
  EXPECT_EQ(neighbours_of("so1"), Names{"so3"});
}

TEST_F(CommandTest, ATooLongRuntimeFolderIsNamed) {
  ::setenv("ME_RUNTIME_DIR", (folder_ / std::string(120, 'x')).c_str(), 1);
  const auto outcome = up();
  EXPECT_EQ(outcome.code, 7);
  EXPECT_NE(outcome.err.find("Unix sockets allow 107"), std::string::npos) << outcome.err;
}

TEST_F(CommandTest, WrongCommandLinesAreUsageErrors) {
  for (const auto& args : std::vector<std::vector<std::string>>{{},
                                                                {"no-such-verb"},
                                                                {"kill"},
                                                                {"kill", "x"},
                                                                {"kill", "-1"},
                                                                {"ps", "--no-such-option"},
                                                                {"stop", "2", "--grace", "-1"},
                                                                {"stop", "2", "--grace", "nan"},
                                                                {"ps", "--on", "../x"},
                                                                {"supervise"}})
    EXPECT_EQ(me(args).code, 2) << fmt::format("{}", args.empty() ? "nothing" : args.back());
}

TEST_F(CommandTest, DoctorNamesALeftover) {
  ASSERT_EQ(up().code, 0);
  const pid_t supervisor = facts().value("pid", 0);
  ::kill(supervisor, SIGKILL);
  ASSERT_TRUE(has_ended(supervisor));
  bool named = false;
  for (const auto& check : json::parse(me({"doctor", "--json"}).out))
    named = named || check.value("what", "").starts_with("smart object so1 left files");
  EXPECT_TRUE(named);
}

}  // namespace
}  // namespace me
