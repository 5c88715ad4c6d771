// SIGKILL of a supervisor (the `me` that owns a QEMU) in the middle of a move, of either side, through the command as users
// have it: nothing of it is left, and the ME is alive exactly once, or died with its holder.
#include "tests/emulated/smart_object_fixture.hpp"
#include "tests/unit/me_command/command.hpp"

namespace emulated {
namespace {

using me::json;

class SupervisorsTest : public me::CommandTest {
 protected:
  void up_real(const std::string& name) {
    const auto outcome =
        me({"up", name, "--cpus", "2", "--memory", "128", "--log-dir", (folder_ / "log").string(), "--json"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    ASSERT_EQ(me({"propagate", "--every", "0", "--on", name}).code, 0);
  }
  json ps(const std::string& on) {
    const auto outcome = me({"ps", "--on", on, "--json"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return json::parse(outcome.out, nullptr, false);
  }
  json links(const std::string& on) { return json::parse(me({"links", "--on", on, "--json"}).out, nullptr, false); }
  // By the time that no ME is on its way.
  json settled(const std::string& on) {
    for (const auto deadline = Clock::now() + patience;;) {
      const auto mes = ps(on);
      if (std::ranges::all_of(mes, [](const auto& each) { return each["state"] == "ME_state_living"; })) return mes;
      if (Clock::now() < deadline) continue;
      ADD_FAILURE() << mes;
      return mes;
    }
  }
  void kill_supervisor(const std::string& name) {
    const auto about = facts(name);
    const pid_t supervisor = about["pid"], qemu = about["qemu_pid"];
    ::kill(supervisor, SIGKILL);
    EXPECT_TRUE(me::has_ended(supervisor));
    EXPECT_TRUE(me::has_ended(qemu)) << "QEMU outlives its owner";
  }
};

TEST_F(SupervisorsTest, LinksArePartedByEitherSide) {
  up_real("so1");
  up_real("so2");
  ASSERT_EQ(me({"link", "so1", "so2"}).code, 0);
  const auto parted = me({"unlink", "so2", "so1", "--json"});
  EXPECT_EQ(parted.code, 0) << parted.err;
  EXPECT_EQ(json::parse(parted.out), (json{{"name", "so1"}, {"in_doubt", json::array()}}));
  EXPECT_EQ(parted.err, "");
  const auto again = me({"unlink", "so1", "so2"});
  EXPECT_EQ(again.code, 5);
  EXPECT_NE(again.err.find("so1 is not linked with so2"), std::string::npos) << again.err;
}

TEST_F(SupervisorsTest, AreKilledInTheMiddleOfAMove) {
  const std::string capsule = (target_folder() / "tests/target/traveller/traveller.itb").string();
  up_real("so1");
  up_real("so2");
  ASSERT_EQ(me({"link", "so1", "so2"}).code, 0);
  for (const std::string victim : {"so1", "so2"})
    for (int moment = 0; moment < 3 && !HasFailure(); ++moment) {
      const std::string survivor = victim == "so1" ? "so2" : "so1";
      const auto where = fmt::format("{} dies at moment {}", victim, moment);
      ASSERT_EQ(me({"inject", capsule, "--on", "so1"}).code, 0) << where;
      const auto instance = ps("so1").at(0)["instance"];
      // Its own output files: other commands run meanwhile.
      const pid_t move = ::fork();
      if (move == 0) {
        const int out = ::open((folder_ / "move").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
        ::execl(ME, ME, "migrate", "2", "--to", "so2", "--on", "so1", nullptr);
        ::_exit(127);
      }
      if (moment == 1)  // it is on its way, or there
        while (ps("so2").empty() && !me::is_over(move)) {
        }
      if (moment == 2)
        while (!me::is_over(move)) ::sched_yield();
      kill_supervisor(victim);
      int status = 0;
      ::waitpid(move, &status, 0);
      const bool moved = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      const auto mes = settled(survivor);
      const bool there = std::ranges::any_of(mes, [&](const auto& each) { return each["instance"] == instance; });
      EXPECT_EQ(mes.size(), there ? 1U : 0U) << where << mes;
      if (victim == "so2") {
        EXPECT_EQ(there, !moved) << where << me::content(folder_ / "move");
      } else if (moved) {
        EXPECT_TRUE(there) << where;
      }
      // The next start finds what is left of the last one, and nothing that disturbs.
      up_real(victim);
      EXPECT_TRUE(ps(victim).empty()) << where;
      for (const auto& each : mes)
        ASSERT_EQ(me({"kill", std::to_string(each["slot"].get<unsigned>()), "--on", survivor}).code, 0) << where;
      while (links(survivor).empty() || links(victim).empty()) ::sched_yield();  // they find each other again
    }
  ASSERT_EQ(me({"down", "--on", "so1"}).code, 0);
  ASSERT_EQ(me({"down", "--on", "so2"}).code, 0);
  EXPECT_TRUE(nothing_is_left());
}

}  // namespace
}  // namespace emulated
