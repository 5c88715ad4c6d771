#include "so3/avz/timers.hpp"

#include <gtest/gtest.h>

namespace {

using avz::due_at;

constexpr std::uint64_t never = ~std::uint64_t{0};

TEST(Timers, AreDueInTheTimeOfTheirDomain) {
  EXPECT_EQ(due_at(1'500, 0, 1'000), 1'500u);
  EXPECT_EQ(due_at(500, 1'000, 1'200), 1'500u) << "a domain that is younger than the machine";
  EXPECT_EQ(due_at(1'500, 0 - std::uint64_t{1'000}, 200), 500u) << "or older: it came from elsewhere";
}

TEST(Timers, ThatAreOverAreDueNow) {
  EXPECT_EQ(due_at(900, 0, 1'000), 1'000u);
  EXPECT_EQ(due_at(1'000, 0, 1'000), 1'000u);
  EXPECT_EQ(due_at(0, 1'000, 1'000), 1'000u);
}

// What a guest writes for "never", wherever it comes from.
TEST(Timers, ThatAreFarAwayAreNotDue) {
  for (const std::uint64_t cntvoff : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1'000}, never - 1'000})
    for (const std::uint64_t cval : {never, never - 1, std::uint64_t{1} << 63}) {
      EXPECT_GT(due_at(cval, cntvoff, 1'000), 1'000u) << cval << " " << cntvoff;
      EXPECT_GE(due_at(cval, cntvoff, 1'000), std::uint64_t{1} << 62) << cval << " " << cntvoff;
    }
  EXPECT_EQ(due_at(never, 1'000, 1'000), never);
}

}  // namespace
