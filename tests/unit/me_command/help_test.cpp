// Every verb has its page, in the folder that the launcher reads and in the program.
#include "tests/unit/me_command/command.hpp"
#include "tools/me/verb.hpp"

namespace me {
namespace {

TEST_F(CommandTest, HelpIsThePageTheLauncherShows) {
  EXPECT_EQ(me({"--help"}).out, content(fs::path(HELP_FOLDER) / "me.txt"));
  for (const auto* verb : {"bench", "build", "console", "demo", "doctor", "down", "inject", "inspect", "kill", "logs",
                           "ps", "stop", "test", "trace", "up", "vbstore"}) {
    const auto page = content(fs::path(HELP_FOLDER) / (std::string(verb) + ".txt"));
    EXPECT_FALSE(page.empty()) << verb;
    const auto outcome = me({verb, "--help"});
    EXPECT_EQ(outcome.code, 0) << verb;
    EXPECT_EQ(outcome.out, page) << verb;
    EXPECT_NE(help_page("me").find(fmt::format("\n  {}", verb)), std::string_view::npos) << verb;
  }
}

}  // namespace
}  // namespace me
