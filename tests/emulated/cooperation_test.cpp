// M11, M52 to M54: real MEs that cooperate, in every role and with every outcome.
#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {
namespace {

class CooperationTest : public SmartObjectTest {
 protected:
  static engine::Capsule partner(const std::string& kind) { return capsule("tests/target/partners/" + kind + ".itb"); }
  std::uint32_t comes(const std::string& kind) { return inject(partner(kind)); }
  // What `slot` said, up to `last`.
  Names said(std::uint32_t slot, const std::string& last) {
    Names lines;
    const auto prefix = fmt::format("[ME:{}] ", slot);
    const auto deadline = Clock::now() + patience;
    while (std::ranges::count(lines, last) == 0) {
      const auto more = logged(slot, 1, deadline);
      if (more.empty()) break;
      for (const auto& line : more) lines.push_back(line.substr(prefix.size()));
    }
    return lines;
  }
  // It has called its target by then, which lives on and cooperates with whoever comes next.
  void expect_to_die_as_initiator(const std::string& kind, std::string_view why) {
    const auto old = comes("greeter");
    const auto refused = so_->inject(partner(kind));
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().message.contains(why)) << refused.error().message;
    EXPECT_EQ(living(), (std::vector{old}));
    const auto slot = comes("greeter");
    EXPECT_EQ(said(slot, "here")[1], fmt::format("called: ok, answered by {}", old));
  }
  bool console_says(std::string_view what) {
    const auto tail = so_->console_tail();
    return std::ranges::any_of(tail, [&](const auto& line) { return line.contains(what); });
  }
};

TEST_P(CooperationTest, M52_AloneIsCalledOnce) {
  boot();
  const auto slot = comes("greeter");
  EXPECT_EQ(said(slot, "here"), (Names{"alone", "here"}));
}

TEST_P(CooperationTest, M53_TwoSpeciesMeetAndThePageGoesBothWays) {
  boot();
  const auto twin = comes("greeter"), other = comes("giving");
  (void)said(twin, "here");
  const auto slot = comes("greeter");
  EXPECT_EQ(said(slot, "here"),
            (Names{fmt::format("initiator with {}, willing 1", twin), fmt::format("called: ok, answered by {}", twin),
                   fmt::format("initiator with {}, willing 1", other), fmt::format("called: ok, answered by {}", other),
                   "here"}));
}

TEST_P(CooperationTest, AnotherSpeciesThatIsNotWillingIsLeftAlone) {
  boot();
  comes("far");
  const auto slot = comes("greeter");
  EXPECT_EQ(said(slot, "here"), (Names{"alone", "here"}));
}

TEST_P(CooperationTest, M11_TheTwinDecidesWhoSurvives) {
  boot();
  const auto old = comes("yielding");
  const auto slot = comes("greeter");
  (void)happened(old, "ME_state_dead");
  EXPECT_EQ(living(), (std::vector{slot}));
  EXPECT_EQ(store(fmt::format("soo/me/{}/name", old)), "(nothing)");
}

TEST_P(CooperationTest, M54_TheTargetKillsTheInitiator) {
  boot();
  const auto old = comes("cruel");
  const auto refused = so_->inject(partner("greeter"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("cb_cooperate set ME_state_killed"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(living(), (std::vector{old}));
  (void)said(old, "kill: ok");
}

TEST_P(CooperationTest, M54_TheInitiatorKillsTheTarget) {
  boot();
  const auto old = comes("greeter");
  const auto slot = comes("cruel");
  EXPECT_EQ(said(slot, "here"), (Names{fmt::format("initiator with {}, willing 1", old), "kill: ok", "here"}));
  EXPECT_EQ(living(), (std::vector{slot}));
}

TEST_P(CooperationTest, WhoDoesNotWantToDieLives) {
  boot();
  const auto old = comes("pacifist");
  const auto slot = comes("cruel");
  EXPECT_EQ(said(slot, "here"), (Names{fmt::format("initiator with {}, willing 1", old), "kill: denied", "here"}));
  EXPECT_EQ(living(), (std::vector{old, slot}));
}

// Decision 6: the page is there for the call, and for the call only.
TEST_P(CooperationTest, APageKeptBeyondTheCallIsAFault) {
  boot();
  const auto keeper = comes("keeper");
  const auto slot = comes("greeter");
  (void)happened(keeper, "ME_state_dead");
  EXPECT_EQ(crash_, abi::CrashReason::memory);
  EXPECT_EQ(living(), (std::vector{slot}));
}

TEST_P(CooperationTest, APageOfAnotherVersionIsNotShown) {
  boot();
  const auto old = comes("greeter");
  (void)said(old, "here");
  comes("newer");
  EXPECT_TRUE(console_says("is version 2, 8 bytes; this ME expects version 1, 8 bytes: not shown"));
}

TEST_P(CooperationTest, BlockingAsTargetCostsTheTargetItsLife) {
  boot();
  const auto old = comes("blocking");
  const auto slot = comes("greeter");
  EXPECT_EQ(said(slot, "here")[1], fmt::format("called: not found, answered by {}", old));
  EXPECT_EQ(living(), (std::vector{slot}));
  EXPECT_TRUE(console_says(fmt::format("ME {} (test.blocking) crashed in cb_cooperate: blocked in a domcall", old)));
}

TEST_P(CooperationTest, BlockingAsInitiatorCostsTheInitiatorItsLife) {
  boot();
  expect_to_die_as_initiator("stalling", "blocked in a domcall");
}

TEST_P(CooperationTest, OverrunningAsInitiatorCostsTheInitiatorItsLife) {
  boot();
  expect_to_die_as_initiator("endless", "overran the time of a domcall in cb_cooperate");
}

TEST_P(CooperationTest, OverrunningAsTargetCostsTheTargetItsLife) {
  boot();
  const auto old = comes("overrun");
  const auto slot = comes("greeter");
  EXPECT_EQ(said(slot, "here")[1], fmt::format("called: not found, answered by {}", old));
  EXPECT_EQ(living(), (std::vector{slot}));
}

TEST_P(CooperationTest, GarbageRequestsAreRefused) {
  boot();
  const auto old = comes("greeter");
  const auto slot = comes("garbage");
  EXPECT_EQ(said(slot, "refused 52 of 52")[1], "refused 52 of 52");
  EXPECT_EQ(living(), (std::vector{old, slot}));
}

TEST_P(CooperationTest, AThreadBeginsALocalCooperation) {
  boot();
  const auto old = comes("greeter");
  const auto slot = comes("eager");
  const auto with = fmt::format("initiator with {}, willing 1", old);
  const auto called = fmt::format("called: ok, answered by {}", old);
  EXPECT_EQ(said(slot, "local: ok"), (Names{with, called, "here", with, called, "local: ok"}));
}

TEST_P(CooperationTest, AThreadAsksTwinsAndOnlyTwinsToDie) {
  boot();
  const auto twin = comes("greeter"), stranger = comes("giving");
  const auto slot = comes("beggar");
  const auto lines = said(slot, "kill 5: not found");
  EXPECT_EQ((Names{lines.end() - 3, lines.end()}),
            (Names{fmt::format("kill {}: ok", twin), fmt::format("kill {}: denied", stranger), "kill 5: not found"}));
  EXPECT_EQ(living(), (std::vector{stranger, slot}));
}

FOR_EACH_GIC(CooperationTest);

}  // namespace
}  // namespace emulated
