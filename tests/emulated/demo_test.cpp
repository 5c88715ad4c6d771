// me demo as a user runs it: a migration with cooperation, every callback, and the diagram in the end (issue 3, items 8, 10).
#include <set>

#include "tests/emulated/smart_object_fixture.hpp"
#include "tests/unit/diagram/picture.hpp"
#include "tests/unit/me_command/command.hpp"

namespace emulated {
namespace {

using me::json;

class DemoTest : public me::CommandTest {
 protected:
  fs::path film() const { return folder_ / "film"; }
  me::Outcome demo(std::vector<std::string> more) {
    std::vector<std::string> args{"demo", "--log-dir", folder_ / "log", "--out", film()};
    args.insert(args.end(), more.begin(), more.end());
    return me(args);
  }
};

TEST_F(DemoTest, ShowsEveryCallbackAndEndsWithTheDiagram) {
  const auto outcome = demo({"--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const auto result = json::parse(outcome.out);
  EXPECT_TRUE(result.at("ok"));
  std::set<std::string> callbacks;
  for (const auto& step : result.at("steps")) {
    const auto detail = step.at("detail").get<std::string>();
    const auto at = detail.find("cb_");
    if (step.at("step") == "callback" && at != detail.npos)
      callbacks.insert(detail.substr(at, detail.find(' ', at) - at));
  }
  EXPECT_EQ(callbacks, (std::set<std::string>{"cb_pre_propagate", "cb_pre_activate", "cb_cooperate", "cb_kill_me",
                                              "cb_pre_suspend", "cb_pre_resume", "cb_post_activate",
                                              "cb_force_terminate"}));  // the eight of the published interface
  EXPECT_EQ(result.at("move"), (film() / "move.svg").string());
  EXPECT_EQ(result.at("diagram"), (film() / "demo.svg").string());
  EXPECT_EQ(result.at("trace"), (film() / "demo.json").string());

  EXPECT_EQ(Picture(me::content(film() / "move.svg")).flaws(), std::vector<std::string>{});
  const Picture picture(me::content(film() / "demo.svg"));
  EXPECT_EQ(picture.flaws(), std::vector<std::string>{});
  const auto times = [&](std::string_view text) {
    return std::ranges::count(picture.texts, text, &Picture::Text::text);
  };
  for (const auto* text : {"cb_cooperate as target", "move", "copy", "cb_kill_me"}) EXPECT_EQ(times(text), 1) << text;
  EXPECT_EQ(times("arrived"), 2);
  EXPECT_TRUE(json::parse(me::content(film() / "demo.json")).at("traceEvents").is_array());
}

TEST_F(DemoTest, SaysInTheEndWhatWasRecordedAndWhereItIs) {
  const auto outcome = demo({});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto diagram = outcome.out.find("The move, as it was recorded");
  ASSERT_NE(diagram, outcome.out.npos);
  // Of one machine in its order; the clocks of two may differ by more than what is between two lines.
  const auto in_order = [&](std::initializer_list<const char*> all) {
    auto at = diagram;
    for (const auto* next : all) {
      at = outcome.out.find(next, at);
      EXPECT_NE(at, outcome.out.npos) << next << " in\n" << outcome.out.substr(diagram);
      if (at == outcome.out.npos) return;
    }
  };
  in_order({"demo1", "cb_pre_suspend", "[suspended]", "[dead]"});
  in_order({"demo2", "[migrating]", "cb_cooperate as initiator", "cb_cooperate as target", "cb_post_activate"});
  in_order({" move -"});
  in_order({" arrived -"});
  const auto last = outcome.out.substr(outcome.out.rfind("  move "));
  EXPECT_EQ(last, "  move      " + (film() / "move.svg").string() + ": this diagram\n  diagram   " +
                      (film() / "demo.svg").string() + ": all of the demo\n  trace     " +
                      (film() / "demo.json").string() + ": open it in https://ui.perfetto.dev\n");
}

TEST_F(DemoTest, FindsOutEarlyThatItCannotWrite) {
  std::ofstream(folder_ / "file") << "x";
  const auto outcome = me({"demo", "--log-dir", folder_ / "log", "--out", folder_ / "file/film"});
  EXPECT_EQ(outcome.code, 6);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("name another folder: --out FOLDER"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace emulated
