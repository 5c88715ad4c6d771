// M46 to M58: what an ME may do wrong, or as it likes, in each callback: wait, never end, crash, refuse, ask for states that
// are not its to choose, rest. It costs that ME what the design says and nobody else anything, at either of two places.
//
// The places serve one case after the other: a failure makes new ones.
#include "tests/emulated/callback_cases.hpp"

namespace emulated {
namespace {

using namespace std::chrono_literals;

class CallbacksTest : public testing::TestWithParam<CallbackCase> {
 protected:
  static void TearDownTestSuite() { end(); }
  void SetUp() override {
    if (!here_) boot();
    here_->begin_case();
    there_->begin_case();
  }
  void TearDown() override {
    if (!HasFailure()) return;
    if (here_) here_->show();
    if (there_) there_->show();
    end();
  }

  static void boot() {
    engine::Options options;
    options.avz = target_folder() / "so3/avz/avz.bin";
    options.agency = target_folder() / "so3/agency/agency.bin";
    options.log_base = logs();
    if (const char* folder = std::getenv("ME_COVERAGE")) options.coverage_folder = folder;
    options.bootargs = "patience=1000";
    options.cpus = 2;  // the witness and the other one share a CPU
    options.boot_deadline = options.call_deadline = patience;
    options.gic = 2;
    here_ = std::make_unique<Stage>(options);
    options.name = "so2";
    options.gic = 3;
    there_ = std::make_unique<Stage>(options);
    const auto linked = SmartObject::link(here_->so(), there_->so());
    ASSERT_TRUE(linked) << linked.error().message;
    for (auto* place : {here_.get(), there_.get()}) ASSERT_TRUE((*place)->set_period(0ms));
  }
  static void end() {
    here_.reset();
    there_.reset();
    fs::remove_all(logs());
  }
  static fs::path logs() { return fs::path(testing::TempDir()) / fmt::format("callbacks-{}", ::getpid()); }

  // Brings the ME to its callback: what the answer was. Whoever asked hears of a failure if there is nothing where it was
  // to be, and of none otherwise.
  std::string provoke(const CallbackCase& c) {
    const auto slot = (*here_)->inject(capsule("tests/target/moody/" + c.kind() + ".itb"));
    const bool in_injection = !c.on_the_way && (c.callback == "pre_activate" || c.callback == "cooperate");
    EXPECT_EQ(slot.has_value(), !in_injection || c.here != Fate::none);
    if (!slot) return slot.error().message;
    if (in_injection) return "arrived";
    if (c.on_the_way) {
      const auto moved = (*here_)->migrate(*slot, "so2");
      EXPECT_EQ(moved.has_value(), c.there != Fate::none);
      return moved ? "moved" : moved.error().message;
    }
    if (c.callback == "force_terminate") {
      const auto stopped = (*here_)->stop(*slot, 1s);
      return stopped ? "stopped" : stopped.error().message;
    }
    if (c.callback == "kill_me") return meet_a_killer();
    if (c.deed == "wake") here_->stands_still(*slot);
    const auto went = once_it_rests([&] { return (*here_)->propagate(*slot); });
    EXPECT_EQ(went.has_value(), c.there != Fate::none);
    return went ? *went : went.error().message;
  }
  std::string meet_a_killer() {
    const auto killer = (*here_)->inject(capsule("tests/target/partners/cruel.itb"));
    if (!killer) return killer.error().message;
    return (*here_)->kill(*killer) ? "asked" : "the killer is gone";
  }

  static std::unique_ptr<Stage> here_, there_;
};
std::unique_ptr<Stage> CallbacksTest::here_, CallbacksTest::there_;

TEST_P(CallbacksTest, CostsTheMeWhatTheDesignSays) {
  const auto& c = GetParam();
  const auto answer = provoke(c);
  SCOPED_TRACE(answer);
  if (!answer.contains(c.named)) {
    auto& place = c.on_the_way ? *there_ : *here_;
    EXPECT_TRUE(place.until([&] { return place.says(c.named); }, Clock::now() + 5s)) << c.named;
  }
  {
    SCOPED_TRACE("here");
    here_->expect(c.here);
  }
  {
    SCOPED_TRACE("there");
    there_->expect(c.there);
  }
  here_->expect_nobody_else();
  there_->expect_nobody_else();
}

INSTANTIATE_TEST_SUITE_P(Moody, CallbacksTest, testing::ValuesIn(callback_cases), [](const auto& each) {
  auto name = each.param.kind();
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace emulated
