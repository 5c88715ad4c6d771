#include "so3/kernel/include/so3/completion.hpp"

#include "so3/kernel/include/so3/time.h"
#include "tests/unit/kernel/domain.hpp"

namespace {

using namespace std::chrono_literals;
using Completion = Domain;

TEST_F(Completion, CompleteBeforeWaitIsNotLost) {
  so3::Completion c;
  c.complete();
  c.complete();
  c.wait();
  EXPECT_TRUE(c.done());
  c.wait();
  EXPECT_FALSE(c.done());
}

TEST_F(Completion, EachCompleteLetsOneGo) {
  so3::Completion c;
  int gone = 0;
  tcb_t* const a = start("a", 20, [&] { c.wait(), ++gone; });
  tcb_t* const b = start("b", 20, [&] { c.wait(), ++gone; });
  c.complete();
  EXPECT_EQ(gone, 1);
  c.complete();
  EXPECT_EQ(gone, 2);
  thread_join(a);
  thread_join(b);
}

TEST_F(Completion, CompleteAllLetsAllGoUntilReset) {
  so3::Completion c;
  int gone = 0;
  tcb_t* const a = start("a", 20, [&] { c.wait(), ++gone; });
  tcb_t* const b = start("b", 20, [&] { c.wait(), ++gone; });
  c.complete_all();
  c.wait();
  c.wait();
  EXPECT_EQ(gone, 2);
  c.reset();
  EXPECT_FALSE(c.wait_for(1ms));
  thread_join(a);
  thread_join(b);
}

TEST_F(Completion, TimeoutAndInterruptInTheSameInstant) {
  static so3::Completion c;
  tcb_t* const t = start("t", 20, [&] { note(c.wait_for(5ms) ? "done" : "timeout"); });
  run_for(5 * ms - 1);
  arch::host::interrupt_with([] { c.complete(); });
  run_for(10 * ms);
  thread_join(t);
  EXPECT_EQ(trace, (Trace{"done"}));
  EXPECT_FALSE(c.done());
}

TEST_F(Completion, ZeroTimeoutPolls) {
  so3::Completion c;
  EXPECT_FALSE(c.wait_for(0ns));
  EXPECT_EQ(NOW(), 0u);
}

}  // namespace
