// What each verb answers to right and wrong arguments: exit codes and words, over a machine that speaks like one.
#include <fmt/ranges.h>

#include <algorithm>

#include "tests/unit/me_command/command.hpp"
#include "tools/me/verb.hpp"

namespace me {
namespace {

class VerbsTest : public CommandTest {
 protected:
  void expect(const Names& args, int code, std::string_view words) {
    const auto outcome = me(args);
    const auto all = fmt::format("me {}\n{}{}", fmt::join(args, " "), outcome.out, outcome.err);
    EXPECT_EQ(outcome.code, code) << all;
    EXPECT_NE((code == 0 ? outcome.out : outcome.err).find(words), std::string::npos) << words << " is not in: " << all;
    EXPECT_TRUE(code == 0 || outcome.out.empty()) << all;
  }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
};

// What the command line is refused for; empty when it is not. Nothing is done.
std::string refusal(Names args) {
  CLI::App app("me", "me");
  Context context;
  Action chosen;
  define_command_line(app, context, chosen);
  std::ranges::reverse(args);  // CLI11 takes them from the back
  try {
    app.parse(args);
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return {};
}

TEST(CommandLine, NumbersAreDecimal) {
  for (const auto& args : std::vector<Names>{{"kill"},
                                             {"stop"},
                                             {"logs"},
                                             {"propagate"},
                                             {"migrate", "--to", "so2"},
                                             {"propagate", "--every"},
                                             {"soak", "--hops"},
                                             {"soak", "--objects"},
                                             {"soak", "--mes"},
                                             {"test", "--fuzz"},
                                             {"up", "--cpus"},
                                             {"up", "--memory"},
                                             {"up", "--window"},
                                             {"up", "--gic"}}) {
    for (const auto& [number, words] :
         std::vector<std::pair<std::string, std::string>>{{"010", "010 begins with 0; numbers are decimal"},
                                                          {"0x10", "'0x10' is not a number"},
                                                          {"", "'' is not a number"},
                                                          {"2 ", "'2 ' is not a number"},
                                                          {"٢", "'٢' is not a number"},
                                                          {"4294967296", "4294967296 is more than 4294967295"},
                                                          {std::string(1000, '9'), "... is more than 4294967295"}}) {
      auto all = args;
      all.push_back(number);
      EXPECT_NE(refusal(all).find(words), std::string::npos) << fmt::format("{}", all) << refusal(all);
    }
    auto good = args;
    good.push_back("10");
    EXPECT_EQ(refusal(good), "") << fmt::format("{}", good);
  }
  EXPECT_NE(refusal({"snapshot", "010", "a.me"}).find("begins with 0"), std::string::npos);
}

// What a script's unset variable leaves must not mean something larger.
TEST(CommandLine, AnEmptyWordIsRefused) {
  for (const auto& args : std::vector<Names>{{"down", ""},
                                             {"up", ""},
                                             {"up", "so2", "--me-dir", ""},
                                             {"up", "so2", "--qemu", ""},
                                             {"ps", "--on", ""},
                                             {"ps", "--log-dir", ""},
                                             {"propagate", "2", "--to", ""},
                                             {"migrate", "2", "--to", ""},
                                             {"link", "so1", ""},
                                             {"unlink", "", "so1"},
                                             {"snapshot", "2", ""},
                                             {"restore", ""},
                                             {"inspect", ""},
                                             {"inject", ""},
                                             {"build", ""},
                                             {"test", "-R", ""},
                                             {"trace", ""},
                                             {"trace", "--out", ""},
                                             {"trace", "--svg", ""}})
    EXPECT_NE(refusal(args).find("is empty"), std::string::npos) << fmt::format("{}", args) << refusal(args);
}

TEST_F(VerbsTest, AnEmptyWordEndsNothing) {
  ASSERT_EQ(up().code, 0);
  expect({"down", ""}, 2, "NAME: is empty; is a variable not set?\n    me down --help");
  EXPECT_EQ(me({"ps"}).code, 0);
}

TEST(CommandLine, OnIsRefusedWhereItMeansNothing) {
  for (const auto& args : std::vector<Names>{{"link", "so1", "so3"},
                                             {"unlink", "so1", "so3"},
                                             {"demo"},
                                             {"soak"},
                                             {"inspect", "a"},
                                             {"build"},
                                             {"test"},
                                             {"bench"},
                                             {"doctor"}}) {
    EXPECT_EQ(refusal(args), "");
    auto all = args;
    all.insert(all.end(), {"--on", "so2"});
    EXPECT_EQ(refusal(all), fmt::format("--on: me {} does not take it", args[0]));
  }
}

TEST_F(VerbsTest, OnIsTakenOrRefusedNeverDropped) {
  ASSERT_EQ(up("inhabited").code, 0);
  expect({"inspect", "a", "--on", "so2"}, 2, "--on: me inspect does not take it\n    me inspect --help");
  expect({"up", "so2", "--on", "so3"}, 2, "as NAME and with --on");
  expect({"down", "so1", "--on", "so2"}, 2, "as NAME and with --on");
  expect({"trace", "so1", "--on", "so2"}, 2, "as NAME and with --on");
  expect({"trace", "--on", "so2", "--seconds", "0.01", "--out", file("t")}, 3, "so2 is not up");
  expect({"trace", "--on", "so1", "--seconds", "0.01", "--out", file("t")}, 0, "so1 ");
  expect({"ps", "--on", "so2"}, 3, "so2 is not up");
}

TEST_F(VerbsTest, WithNothingUpEachSaysSo) {
  for (const auto& args : std::vector<Names>{{"link", "so1", "so2"},
                                             {"unlink", "so1", "so2"},
                                             {"links"},
                                             {"propagate", "2"},
                                             {"propagate", "--every", "5"},
                                             {"migrate", "2", "--to", "so2"},
                                             {"snapshot", "2", "a.me"},
                                             {"restore", "a.me"},
                                             {"trace", "so1", "--out", file("t")}})
    expect(args, 3, "so1 is not up\n    start it: me up\n");
  expect({"trace", "--out", file("t")}, 3, "no smart object is up");
}

TEST_F(VerbsTest, Neighbours) {
  ASSERT_EQ(up("inhabited").code, 0);
  ASSERT_EQ(up({}, "so2").code, 0);
  expect({"link", "so1"}, 2, "B is required");
  expect({"link", "so1", "so1"}, 2, "cannot be a neighbour of itself");
  expect({"link", "so1", "../so2"}, 2, "cannot be the name of a smart object");
  expect({"link", "so1", "so9"}, 3, "so9 is not up\n    start it: me up so9");
  expect({"unlink", "so1", "so2"}, 5, "so1 is not linked with so2");
  expect({"migrate", "2", "--to", "so2"}, 5, "so1 is not linked with so2\n    link them: me link so1 so2");
  expect({"link", "so1", "so2"}, 0, "so1 and so2 are neighbours\n");
  expect({"link", "so2", "so1"}, 4, "so1 and so2 are linked already");
  expect({"links"}, 0, "so2              0x");
  const auto links = json::parse(me({"links", "--json", "--on", "so2"}).out);
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(links[0]["name"], "so1");
  expect({"unlink", "so1", "so2"}, 0, "so1 and so2 are no neighbours any more\n");
  expect({"links"}, 0, "");
}

TEST_F(VerbsTest, Journeys) {
  ASSERT_EQ(up("inhabited").code, 0);
  ASSERT_EQ(up({}, "so2").code, 0);
  ASSERT_EQ(me({"link", "so1", "so2"}).code, 0);
  expect({"propagate"}, 2, "wants a SLOT, or --every MS");
  expect({"propagate", "2", "--every", "5"}, 2, "wants a SLOT, or --every MS");
  expect({"propagate", "--every", "5", "--to", "so2"}, 2, "--every is for all neighbours");
  expect({"propagate", "9"}, 5, "slot 9 is empty");
  expect({"propagate", "2", "--to", "so9"}, 5, "so1 is not linked with so9");
  expect({"propagate", "2", "--to", "so1"}, 2, "cannot send an ME to itself");
  expect({"propagate", "2"}, 0, "copies for all\n");
  expect({"propagate", "2", "--to", "so2"}, 0, "a copy for one\n");
  expect({"propagate", "--every", "0"}, 0, "so1 propagates by hand only\n");
  expect({"propagate", "--every", "70"}, 0, "so1 asks its MEs every 70 ms\n");
  EXPECT_EQ(json::parse(me({"propagate", "--every", "70", "--json"}).out), json({{"period_ms", 70}}));
  expect({"migrate", "2"}, 2, "--to is required");
  expect({"migrate", "9", "--to", "so2"}, 5, "slot 9 is empty");
  expect({"migrate", "2", "--to", "so1"}, 2, "cannot send an ME to itself");
  expect({"migrate", "2", "--to", "so2"}, 0, "the ME of slot 2 lives in slot 7 of so2\n");
  EXPECT_EQ(json::parse(me({"migrate", "2", "--to", "so2", "--json"}).out),
            json({{"slot", 2}, {"to", "so2"}, {"slot_there", 7}}));
}

TEST_F(VerbsTest, Snapshots) {
  ASSERT_EQ(up("inhabited").code, 0);
  std::ofstream(file("bad.me")) << "this is no snapshot";
  expect({"snapshot", "2"}, 2, "FILE is required");
  expect({"snapshot", "2", file("no/a.me")}, 5, "no/a.me: no file can be made there: No such file or directory");
  expect({"snapshot", "2", folder_}, 4, "not a file");
  expect({"snapshot", "2", file(std::string(300, 'a'))}, 4, "File name too long");
  expect({"restore", file("none.me")}, 5, file("none.me"));
  expect({"restore", folder_}, 4, "not a file");
  expect({"restore", file("bad.me")}, 4, file("bad.me"));
}

TEST_F(VerbsTest, ATraceReplacesAFileOnceItIsComplete) {
  ASSERT_EQ(up("no-trace").code, 0);
  std::ofstream(file("t.json")) << "an older one";
  expect({"trace", "--seconds", "0.01", "--out", file("t.json")}, 6, "there is no memory for a trace");
  EXPECT_EQ(content(file("t.json")), "an older one");
  ASSERT_EQ(up({}, "so2").code, 0);
  expect({"trace", "so2", "--seconds", "0.01", "--out", file("t.json"), "--svg", file("t.svg")}, 0, "so2 ");
  EXPECT_TRUE(json::parse(content(file("t.json")), nullptr, false).contains("traceEvents"));
  EXPECT_NE(content(file("t.svg")).find("<svg"), std::string::npos);
  for (const auto& entry : fs::directory_iterator(folder_))
    EXPECT_FALSE(entry.path().filename().string().starts_with('.')) << entry.path();
}

TEST_F(VerbsTest, ATraceThatCannotBeWrittenIsRefusedBeforeItBegins) {
  ASSERT_EQ(up().code, 0);
  expect({"trace", "--seconds", "0.01", "--out", file("no/t")}, 5,
         "no file can be made there: No such file or directory");
  expect({"trace", "--seconds", "0.01", "--out", file("t"), "--svg", file("no/t")}, 5, file("no/t"));
  expect({"trace", "--seconds", "0.01", "--out", folder_}, 4, "not a file");
  expect({"trace", "--seconds", "0.01", "--out", file("t"), "--svg", file("./t")}, 2, "--out and --svg both name");
  expect({"trace", "--seconds", "0"}, 2, "--seconds");
  expect({"trace", "--seconds", "nan"}, 2, "--seconds");
  expect({"trace", "so1", "so1"}, 2, "named twice");
  EXPECT_FALSE(fs::exists(file("t")));
}

// The supervisor works in another folder.
TEST_F(VerbsTest, ARelativeQemuIsFoundFromHere) {
  fs::create_symlink(FAKE_QEMU, folder_ / "qemu");
  auto args = up_args();
  *std::ranges::find(args, std::string(FAKE_QEMU)) = fs::relative(folder_ / "qemu").string();
  const auto outcome = me(args);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

}  // namespace
}  // namespace me
