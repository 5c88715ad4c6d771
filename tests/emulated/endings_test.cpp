// How MEs end: asked, forced, by their own decision.
#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {
namespace {

using namespace std::chrono_literals;
using EndingsTest = SmartObjectTest;

TEST_P(EndingsTest, StopAsksTheMeAndLeavesNothingOfIt) {
  boot();
  const auto free_before = so_->info().value().memory_free;
  const auto slot = inject(refso3());
  (void)happened(slot, "ME_state_living");
  const auto stopped = so_->stop(slot, 60s);
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_EQ(happened(slot, "ME_state_dead"), (Names{"cb_force_terminate", "ME_state_terminated", "ME_state_dead"}));
  EXPECT_TRUE(so_->list().value().empty());
  EXPECT_FALSE(so_->store_list(fmt::format("soo/me/{}", slot)));
  EXPECT_FALSE(so_->store_list(fmt::format("device/{}", slot)));
  EXPECT_EQ(so_->info().value().memory_free, free_before);
}

TEST_P(EndingsTest, KillCallsNothing) {
  boot();
  const auto slot = inject(refso3());
  (void)happened(slot, "ME_state_living");
  ASSERT_TRUE(so_->kill(slot));
  EXPECT_EQ(happened(slot, "ME_state_dead"), Names{"ME_state_dead"});
  EXPECT_TRUE(so_->list().value().empty());
}

// After the grace time an ME that does not agree is destroyed.
TEST_P(EndingsTest, AStubbornMeIsDestroyedAfterItsGrace) {
  boot();
  const auto slot = inject(trouble("stubborn"));
  (void)happened(slot, "ME_state_living");
  EXPECT_TRUE(so_->stop(slot, 200ms));
  EXPECT_EQ(happened(slot, "ME_state_dead"), (Names{"cb_force_terminate", "ME_state_dead"}));
}

// M41: cb_pre_activate may decide that this is no place to live.
TEST_P(EndingsTest, ARefusingMeIsReaped) {
  boot();
  const auto slot = so_->inject(trouble("refusing"));
  ASSERT_FALSE(slot);
  EXPECT_NE(slot.error().message.find("killed"), std::string::npos) << slot.error().message;
  EXPECT_TRUE(so_->list().value().empty());
}

// An arrival that is not willing cooperates alone, even with its like around: both live on (M22).
TEST_P(EndingsTest, TwoOfASpeciesThatAreNotWillingLiveSideBySide) {
  boot();
  const auto old = inject(trouble("quiet"));
  const auto young = inject(trouble("quiet"));
  EXPECT_NE(old, young);
  EXPECT_EQ(living(), (std::vector{old, young}));
}

TEST_P(EndingsTest, AnEmptySlotIsNamed) {
  boot();
  for (const std::uint32_t slot : {0U, 1U, 2U, 257U, 258U, 0xffffffffU}) {
    const auto killed = so_->kill(slot), stopped = so_->stop(slot, 1s);
    ASSERT_FALSE(killed) << slot;
    ASSERT_FALSE(stopped) << slot;
    EXPECT_NE(killed.error().message.find(fmt::format("{}", slot)), std::string::npos) << killed.error().message;
  }
  EXPECT_TRUE(so_->info());
}

FOR_EACH_GIC(EndingsTest);

}  // namespace
}  // namespace emulated
