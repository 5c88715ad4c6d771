// How many MEs there can be: memory decides.
#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {
namespace {

using CapacityTest = SmartObjectTest;

TEST_P(CapacityTest, SixtyFourMesLiveTogetherAndGiveEverythingBack) {
  boot();
  const auto free_before = so_->info().value().memory_free;
  const auto quiet = trouble("quiet");
  for (std::uint32_t i = 0; i < 64; ++i) ASSERT_EQ(inject(quiet), 2 + i);
  EXPECT_EQ(living().size(), 64U);
  for (const auto slot : living()) EXPECT_TRUE(so_->kill(slot));
  EXPECT_TRUE(living().empty());
  EXPECT_EQ(so_->info().value().memory_free, free_before);
}

// 250: the domains that 8 bits of VMID tell apart, less the agency and the four snapshots that there can be at a time. With
// memory for more, that is the limit.
TEST_P(CapacityTest, WithoutASlotTheNextIsRefusedAndTheOthersLive) {
  options_.memory_mb = 1024;
  boot();
  const auto quiet = trouble("quiet");
  engine::Result<std::uint32_t> refused;
  std::vector<std::uint32_t> slots;
  while ((refused = so_->inject(quiet))) slots.push_back(*refused);
  EXPECT_EQ(refused.error().code, Errc::no_room);
  EXPECT_NE(refused.error().message.find(
                fmt::format("no slot left: {} MEs are here, and there can be no more; stop one first", slots.size())),
            std::string::npos)
      << refused.error().message;
  ASSERT_EQ(slots.size(), 250U);
  EXPECT_EQ(living(), slots);
  ASSERT_TRUE(so_->kill(slots[100]));
  EXPECT_EQ(so_->inject(quiet).value_or(0), slots[100]);
}

// What was promised is there; what cannot be promised is refused, and nothing of it remains.
TEST_P(CapacityTest, WithoutMemoryTheNextIsRefusedAndTheOthersLive) {
  options_.memory_mb = 96;
  boot();
  const auto image = trouble("longest");
  const auto large = capsule("templates/refso3/refso3-ramfs.itb");  // 64 MB
  const auto first = inject(image);
  const auto fits = so_->inject(large);
  const auto too_much = so_->inject(large);
  ASSERT_FALSE(too_much);
  EXPECT_EQ(too_much.error().code, Errc::no_room) << too_much.error().message;
  EXPECT_EQ(std::ranges::count(living(), first), 1);
  EXPECT_EQ(living().size(), fits ? 2U : 1U);
}

FOR_EACH_GIC(CapacityTest);

}  // namespace
}  // namespace emulated
