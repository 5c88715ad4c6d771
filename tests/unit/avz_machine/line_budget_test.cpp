// An ME that writes to the console without end fills neither the host's disk nor the others' time.
#include "so3/avz/line_budget.hpp"

#include <gtest/gtest.h>

namespace {

using avz::LineBudget;
constexpr std::uint64_t second = 62'500'000;

std::uint32_t lines_at(LineBudget& budget, std::uint64_t now) {
  std::uint32_t n = 0;
  while (budget.take(now, second)) n++;
  return n;
}

TEST(LineBudget, ABurstThenSoManyASecond) {
  LineBudget budget;
  EXPECT_EQ(lines_at(budget, 5 * second), LineBudget::burst);
  EXPECT_EQ(lines_at(budget, 6 * second), LineBudget::per_second);
  EXPECT_EQ(lines_at(budget, 6 * second + second / 2), LineBudget::per_second / 2);
  EXPECT_EQ(lines_at(budget, 100'000 * second), LineBudget::burst) << "time saves up no more than a burst";
}

// Whoever asks often earns as much as whoever asks seldom.
TEST(LineBudget, PartsOfAStepAreNotLost) {
  LineBudget budget;
  std::uint64_t now = second;
  static_cast<void>(lines_at(budget, now));
  std::uint32_t n = 0;
  for (int i = 0; i < 1000; i++) n += lines_at(budget, now += second / 1000);
  EXPECT_EQ(n, LineBudget::per_second);
}

TEST(LineBudget, CountsWhatIsLost) {
  LineBudget budget;
  static_cast<void>(lines_at(budget, second));
  EXPECT_EQ(budget.take_lost(), 1u);
  EXPECT_FALSE(budget.take(second, second));
  EXPECT_FALSE(budget.take(second, second));
  EXPECT_EQ(budget.take_lost(), 2u);
  EXPECT_EQ(budget.take_lost(), 0u);
}

}  // namespace
