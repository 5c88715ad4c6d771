#include "so3/kernel/include/so3/semaphore.hpp"

#include "so3/kernel/include/so3/time.h"
#include "tests/unit/kernel/domain.hpp"

namespace {

using namespace std::chrono_literals;
using Semaphore = Domain;

TEST_F(Semaphore, CountsDownThenWaits) {
  so3::Semaphore s{2};
  s.down();
  s.down();
  EXPECT_FALSE(s.try_down());
  tcb_t* const t = start("t", 20, [&] {
    s.down();
    note("t");
  });
  note("boot");
  s.up();
  thread_join(t);
  EXPECT_EQ(trace, (Trace{"boot", "t"}));
  EXPECT_FALSE(s.try_down());  // handed over, not counted
}

TEST_F(Semaphore, TimeoutTakesItsTimeAndLeavesTheQueue) {
  so3::Semaphore s;
  EXPECT_FALSE(s.down_for(3ms));
  EXPECT_EQ(NOW(), 3 * ms);
  s.up();
  EXPECT_TRUE(s.try_down());
}

TEST_F(Semaphore, UpInTimeStopsTheTimer) {
  static so3::Semaphore s;
  tcb_t* const t = start("t", 20, [&] { EXPECT_TRUE(s.down_for(10ms)); });
  arch::host::interrupt_with([] { s.up(); });
  thread_join(t);
  run_for(20 * ms);
  EXPECT_FALSE(s.try_down());
}

TEST_F(Semaphore, WakesTheMostUrgentFirst) {
  so3::Semaphore s;
  std::vector<tcb_t*> threads;
  for (const std::uint32_t priority : {12u, 14u, 13u})
    threads.push_back(start("w", priority, [this, &s, priority] {
      s.down();
      note(std::to_string(priority));
    }));
  for (int i = 0; i < 3; ++i) s.up();
  for (tcb_t* t : threads) thread_join(t);
  EXPECT_EQ(trace, (Trace{"14", "13", "12"}));
}

}  // namespace
