// What the soak believes of what a traveller says.
#include "tools/me/soak/traveller.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace me::soak {
namespace {

Traveller traveller() { return {.instance = 0x1234, .memory = std::make_unique<::traveller::Memory>(), .trips = 3}; }

std::string said(std::uint64_t count, std::uint64_t checksum, std::string_view state = "intact") {
  return fmt::format("active hop 3 count {} checksum {:016x} {} gap 17 us at so1 00000000000000aa", count, checksum,
                     state);
}

TEST(TravellerTest, WhatFollowsFromItsCountIsTakenOver) {
  auto me = traveller();
  ::traveller::Memory memory;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(memory.write());
  const auto good = me.check(said(20, memory.checksum()), "so1");
  EXPECT_TRUE(good) << good.error().message;
  EXPECT_EQ(me.memory->count(), 20U);
  EXPECT_FALSE(me.check(said(19, memory.checksum()), "so1")) << "it has forgotten something";
}

TEST(TravellerTest, EachAlterationIsNamed) {
  ::traveller::Memory memory;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(memory.write());
  const auto checksum = memory.checksum();
  const auto refused = [](const std::string& line, std::string_view word) {
    auto me = traveller();
    const auto result = me.check(line, "so1");
    ASSERT_FALSE(result) << line;
    EXPECT_NE(result.error().message.find(word), std::string::npos) << result.error().message;
  };
  refused("active", "says what no traveller says");
  refused(said(20, checksum ^ 1), "its checksum");
  refused(said(20, checksum, "ALTERED"), "its memory as it wrote it");
  auto elsewhere = traveller();
  EXPECT_FALSE(elsewhere.check(said(20, checksum), "so2"));
}

// One bit of it flipped: nobody computes 2^63 words.
TEST(TravellerTest, ACountThatNobodyCanHaveReachedIsAnAlteration) {
  auto me = traveller();
  const auto result = me.check(said(std::uint64_t{1} << 63, 7), "so1");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("its count at most"), std::string::npos) << result.error().message;
  EXPECT_EQ(me.memory->count(), 0U);
}

}  // namespace
}  // namespace me::soak
