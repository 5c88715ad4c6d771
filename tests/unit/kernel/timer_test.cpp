#include "so3/kernel/include/so3/timer.hpp"

#include "so3/kernel/include/so3/delay.h"
#include "so3/kernel/include/so3/time.h"
#include "so3/kernel/timers.hpp"
#include "tests/unit/kernel/domain.hpp"

namespace {

using namespace std::chrono_literals;
using Timer = Domain;

TEST_F(Timer, FireInOrderOfTheirTimes) {
  so3::Timer c{[&] { note("c"); }};
  so3::Timer a{[&] { note("a"); }};
  so3::Timer b{[&] { note("b"); }};
  c.start_after(30ms);
  a.start_after(10ms);
  b.start_after(20ms);
  run_for(15 * ms);
  EXPECT_EQ(trace, (Trace{"a"}));
  run_for(100 * ms);
  EXPECT_EQ(trace, (Trace{"a", "b", "c"}));
}

TEST_F(Timer, EqualTimesFireInOrderOfSetting) {
  so3::Timer a{[&] { note("a"); }};
  so3::Timer b{[&] { note("b"); }};
  a.start_at(5 * ms);
  b.start_at(5 * ms);
  run_for(5 * ms);
  EXPECT_EQ(trace, (Trace{"a", "b"}));
}

TEST_F(Timer, StoppedAndMovedTimers) {
  so3::Timer a{[&] { note("a"); }};
  so3::Timer b{[&] { note("b"); }};
  a.start_after(10ms);
  b.start_after(10ms);
  EXPECT_TRUE(a.stop());
  EXPECT_FALSE(a.stop());
  b.start_after(50ms);
  run_for(40 * ms);
  EXPECT_TRUE(trace.empty());
  run_for(10 * ms);
  EXPECT_EQ(trace, (Trace{"b"}));
  EXPECT_FALSE(b.stop());
}

TEST_F(Timer, ATimeThatHasPassedFiresAtOnce) {
  run_for(10 * ms);
  so3::Timer a{[&] { note("a"); }};
  a.start_at(1 * ms);
  run_for(1);
  EXPECT_EQ(trace, (Trace{"a"}));
}

TEST_F(Timer, FunctionMaySetItsOwnTimerAgain) {
  struct Periodic {
    timer t;
    int fired;
  } p{};
  init_timer(
      &p.t,
      [](void* v) {
        auto& self = *static_cast<Periodic*>(v);
        if (++self.fired < 5) set_timer(&self.t, self.t.expires + 2 * ms);
      },
      &p);
  set_timer(&p.t, 2 * ms);
  run_for(100 * ms);
  EXPECT_EQ(p.fired, 5);
}

TEST_F(Timer, SleepersWakeInTimeThroughOneHardwareTimer) {
  tcb_t* const a = start("a", 5, [&] {
    msleep(20);
    note("a " + std::to_string(NOW() / ms));
  });
  tcb_t* const b = start("b", 5, [&] {
    msleep(10);
    note("b " + std::to_string(NOW() / ms));
  });
  thread_join(a);
  thread_join(b);
  EXPECT_EQ(trace, (Trace{"b 10", "a 20"}));
}

TEST_F(Timer, SleepUntilThePastReturnsAtOnce) {
  run_for(10 * ms);
  sleep_until_ns(5 * ms);
  EXPECT_EQ(NOW(), 10 * ms);
}

TEST_F(Timer, ADelayOfHoursIsReachedInSteps) {
  msleep(3'600'000);
  EXPECT_EQ(NOW(), 3'600'000 * ms);
  EXPECT_GT(machine().waits, 100u);  // the hardware is set at most four seconds ahead
}

// M62: the counter goes on from the same nanosecond, on a board where it runs at another frequency.
TEST_F(Timer, M62_SleepersSleepOnOnAnotherBoard) {
  std::uint64_t woken = 0;
  start("sleeper", THREAD_PRIO_DEFAULT, [&] {
    msleep(100);
    woken = NOW();
  });
  thread_yield();
  run_for(40 * ms);
  auto& page = kernel::shared();
  const auto before = NOW();
  for (const std::uint32_t nanoseconds : {8u, 2u, 4u}) {  // per count
    arch::host::counter = before / nanoseconds;
    page.counter_hz = 1'000'000'000 / nanoseconds;
    page.ns_mult = nanoseconds;
    ++page.time_generation;
    EXPECT_EQ(NOW(), before);
    kernel::renew_timer();
  }
  sleep_until_ns(before + 200 * ms);
  EXPECT_EQ(woken, 100 * ms);
}

}  // namespace
