// Ctrl-C, at any moment of what `me` does with real machines and tools: exit code 11, and nothing left behind.
#include "tests/emulated/smart_object_fixture.hpp"
#include "tests/unit/me_command/command.hpp"

namespace emulated {
namespace {

class InterruptTest : public me::CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    me::adopt_orphans();
  }

  // Starts `me`, waits until `said` stands in its output, then sends the signal.
  me::Outcome interrupted(const std::vector<std::string>& args, const std::string& said, int signal) {
    const pid_t command = begin(args);
    while (me::content(folder_ / "out").find(said) == std::string::npos) {
      if (me::is_over(command)) {
        ADD_FAILURE() << "it ended without having said '" << said << "'";
        break;
      }
      ::sched_yield();
    }
    ::kill(command, signal);
    return end(command);
  }
};

TEST_F(InterruptTest, TheDemoEndsItsMachineAtAnyStep) {
  const std::vector<std::string> demo = {"demo", "--log-dir", folder_ / "log", "--out", folder_ / "film"};
  for (const auto& [step, signal] : std::vector<std::pair<std::string, int>>{
           {"  up ", SIGINT}, {"  linked ", SIGTERM}, {"  vbstore ", SIGINT}, {"ME_state_living", SIGHUP}}) {
    const auto outcome = interrupted(demo, step, signal);
    EXPECT_EQ(outcome.code, 11) << step << ": " << outcome.err;
    EXPECT_EQ(outcome.err, "me: interrupted\n") << step;
    EXPECT_TRUE(me::no_child_lives()) << step;
    EXPECT_TRUE(nothing_is_left()) << step;
  }
}

// CMake, and what it has started.
TEST_F(InterruptTest, ABuildEndsItsTools) {
  const auto author = folder_ / "author", begun = folder_ / "begun";
  fs::create_directories(author);
  std::ofstream(author / "CMakeLists.txt")
      << fmt::format("file(WRITE \"{}\" x)\nexecute_process(COMMAND sleep 10000)\n", begun.string());
  const pid_t command = begin({"build", author});
  while (!fs::exists(begun) && !me::is_over(command)) ::sched_yield();
  ::kill(command, SIGINT);
  EXPECT_EQ(end(command).code, 11);
  const auto deadline = Clock::now() + patience;
  while (!me::no_child_lives() && Clock::now() < deadline) ::sched_yield();
  EXPECT_TRUE(me::no_child_lives());
}

}  // namespace
}  // namespace emulated
