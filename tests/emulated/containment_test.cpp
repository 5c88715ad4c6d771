// What one ME does wrong is its own affair: a neighbour lives on, and new ones can come.
#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {
namespace {

class ContainmentTest : public SmartObjectTest {
 protected:
  // One CPU for all MEs, so that trouble and its neighbour share it.
  void boot_with_neighbour() {
    options_.cpus = 2;
    boot();
    neighbour_ = inject(trouble("quiet"));
  }
  void expect_all_well() {
    EXPECT_TRUE(std::ranges::count(living(), neighbour_) == 1);
    const auto another = inject(refso3());
    EXPECT_EQ(logged(another, 1).front(), fmt::format("[ME:{}] A in domain {}", another, another));
    EXPECT_TRUE(so_->stop(neighbour_, std::chrono::seconds(60)));
  }

  std::uint32_t neighbour_ = 0;
};

TEST_P(ContainmentTest, AFaultKillsTheMeAlone) {
  boot_with_neighbour();
  const auto slot = so_->begin_inject(trouble("fault").bytes());
  ASSERT_TRUE(slot) << slot.error().message;
  (void)happened(*slot, "ME_state_dead");
  EXPECT_NE(crash_, abi::CrashReason::none);
  expect_all_well();
}

TEST_P(ContainmentTest, AFaultBeforeItPreparesIsToldToWhoInjected) {
  boot_with_neighbour();
  const auto slot = so_->inject(trouble("init_fault"));
  EXPECT_FALSE(slot);
  expect_all_well();
}

// M46: a domcall must not block.
TEST_P(ContainmentTest, BlockingInADomcallCostsTheMeItsLife) {
  boot_with_neighbour();
  const auto slot = so_->inject(trouble("blocking"));
  ASSERT_FALSE(slot);
  EXPECT_NE(slot.error().message.find("blocked in a domcall"), std::string::npos) << slot.error().message;
  expect_all_well();
}

TEST_P(ContainmentTest, ADomcallThatDoesNotEndCostsTheMeItsLife) {
  boot_with_neighbour();
  const auto slot = so_->inject(trouble("overrun"));
  ASSERT_FALSE(slot);
  EXPECT_NE(slot.error().message.find("overran the time of a domcall"), std::string::npos) << slot.error().message;
  expect_all_well();
}

TEST_P(ContainmentTest, AnEndlessLoopLeavesTheOthersTheirTime) {
  boot_with_neighbour();
  const auto slot = inject(trouble("loop"));
  expect_all_well();
  EXPECT_TRUE(so_->kill(slot));
}

// The agency is busy with them all the time: what it does aside, checking a new capsule, gets its part of it.
TEST_P(ContainmentTest, AStormOfEventsLeavesTheOthersTheAgency) {
  options_.cpus = 4;
  boot();
  neighbour_ = inject(trouble("quiet"));
  const auto first = inject(trouble("storm"));
  const auto second = inject(trouble("storm"));
  expect_all_well();
  EXPECT_TRUE(so_->kill(first));
  EXPECT_TRUE(so_->kill(second));
}

TEST_P(ContainmentTest, GarbageHypercallsChangeNothing) {
  boot_with_neighbour();
  const auto slot = so_->begin_inject(trouble("garbage").bytes());
  ASSERT_TRUE(slot) << slot.error().message;
  expect_all_well();
}

FOR_EACH_GIC(ContainmentTest);

}  // namespace
}  // namespace emulated
