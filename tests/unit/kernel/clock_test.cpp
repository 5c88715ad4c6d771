#include "so3/kernel/clock.hpp"

#include "so3/kernel/include/so3/time.h"
#include "tests/unit/kernel/domain.hpp"

namespace {

using Clock = Domain;

TEST_F(Clock, ScalesWithoutOverflow) {
  auto& page = kernel::shared();
  page.counter_hz = 62'500'000;
  page.ns_mult = 16u << 24;
  page.ns_shift = 24;
  arch::host::counter = std::uint64_t{1} << 58;  // over a hundred years
  EXPECT_EQ(NOW(), std::uint64_t{1} << 62);
  arch::host::counter = 0;
}

TEST_F(Clock, CounterValueOfATimeAhead) {
  kernel::shared().counter_hz = 62'500'000;
  kernel::shared().ns_mult = 16;
  EXPECT_EQ(kernel::counter_at(1600), 100u);
  EXPECT_EQ(kernel::counter_at(1601), 101u);              // never early
  EXPECT_EQ(kernel::counter_at(~0ull), 4ull * 62'500'000);  // far: look again later
}

TEST_F(Clock, WallClockIsZeroWhenTheHostDidNotSay) {
  run_for(5);
  EXPECT_EQ(clock_wall_ns(), 0u);
  kernel::shared().wall_clock_ns = 1'700'000'000ull * 1'000'000'000;
  EXPECT_EQ(clock_wall_ns(), 1'700'000'000ull * 1'000'000'000 + 5);
}

}  // namespace
