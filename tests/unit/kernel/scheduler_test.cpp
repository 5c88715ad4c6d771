#include <algorithm>

#include "so3/kernel/critical.hpp"
#include "so3/kernel/include/so3/delay.h"
#include "so3/kernel/include/so3/thread.hpp"
#include "so3/kernel/scheduler.hpp"
#include "so3/kernel/wait_queue.hpp"
#include "tests/unit/kernel/domain.hpp"

namespace {

using Scheduler = Domain;

TEST_F(Scheduler, MoreUrgentThreadRunsAtOnce) {
  tcb_t* const t = start("urgent", 20, [&] { note("urgent"); });
  note("boot");
  thread_join(t);
  EXPECT_EQ(trace, (Trace{"urgent", "boot"}));
}

TEST_F(Scheduler, LessUrgentThreadWaitsUntilTheOthersDo) {
  tcb_t* const low = start("low", 3, [&] { note("low"); });
  tcb_t* const lower = start("lower", 2, [&] { note("lower"); });
  note("boot");
  thread_join(lower);
  thread_join(low);
  EXPECT_EQ(trace, (Trace{"boot", "low", "lower"}));
}

TEST_F(Scheduler, YieldGoesRoundAmongEquals) {
  std::vector<tcb_t*> threads;
  for (const char* name : {"a", "b", "c"})
    threads.push_back(start(name, THREAD_PRIO_DEFAULT, [this, name] {
      for (int i = 0; i < 2; ++i) {
        note(name);
        thread_yield();
      }
    }));
  for (tcb_t* t : threads) thread_join(t);
  EXPECT_EQ(trace, (Trace{"a", "b", "c", "a", "b", "c"}));
}

TEST_F(Scheduler, YieldDoesNotGiveWayToLessUrgent) {
  tcb_t* const low = start("low", 2, [&] { note("low"); });
  thread_yield();
  note("boot");
  thread_join(low);
  EXPECT_EQ(trace, (Trace{"boot", "low"}));
}

TEST_F(Scheduler, TimeSliceEndsWhenAnEqualWaits) {
  bool stop = false;
  tcb_t* const other = start("other", THREAD_PRIO_DEFAULT, [&] {
    note("other");
    stop = true;
  });
  std::uint64_t used = 0;
  while (!stop) {
    run_for(1 * ms);
    used += 1;
  }
  EXPECT_EQ(used, THREAD_SLICE_MS);
  thread_join(other);
}

TEST_F(Scheduler, NoTimerRunsForALoneThread) {
  run_for(100 * ms);
  EXPECT_FALSE(arch::host::timer_on);
}

TEST_F(Scheduler, SlicesAlternate) {
  const auto hog = [this](const char* name) {
    return [this, name] {
      for (int i = 0; i < 20; ++i) {
        if (trace.empty() || trace.back() != name) note(name);
        run_for(1 * ms);
      }
    };
  };
  tcb_t* const a = start("a", 5, hog("a"));
  tcb_t* const b = start("b", 5, hog("b"));
  thread_join(a);
  thread_join(b);
  EXPECT_EQ(trace, (Trace{"a", "b", "a", "b"}));
}

TEST_F(Scheduler, InterruptThatWakesSomeoneUrgentPreempts) {
  static so3_thread* waiter = nullptr;
  static so3_wait_queue queue = {};
  waiter = start("waiter", 20, [&] {
    kernel::Masked masked;
    kernel::wait_in(queue);
    note("waiter");
  });
  note("boot");
  arch::host::interrupt_with([] { kernel::wake_one(queue); });
  note("boot again");
  thread_join(waiter);
  EXPECT_EQ(trace, (Trace{"boot", "waiter", "boot again"}));
}

TEST_F(Scheduler, PreemptionOffKeepsOthersOut) {
  preempt_disable();
  tcb_t* const t = start("urgent", 20, [&] { note("urgent"); });
  run_for(50 * ms);
  note("boot");
  preempt_enable();
  note("boot again");
  thread_join(t);
  EXPECT_EQ(trace, (Trace{"boot", "urgent", "boot again"}));
}

TEST_F(Scheduler, JoinReturnsTheResultBeforeAndAfterTheEnd) {
  const auto answer = [](void* v) { return static_cast<int>(reinterpret_cast<std::intptr_t>(v)); };
  tcb_t* const early = kernel_thread_sized(answer, "early", reinterpret_cast<void*>(41), 20, 65536);
  tcb_t* const late = kernel_thread_sized(answer, "late", reinterpret_cast<void*>(42), 2, 65536);
  EXPECT_EQ(thread_join(early), 41);
  EXPECT_EQ(thread_join(late), 42);
}

TEST_F(Scheduler, DetachedThreadFreesItself) {  // the leak checker of AddressSanitizer is the assertion
  thread_detach(start("running", 2, [] {}));
  tcb_t* const ended = start("ended", 20, [] {});
  thread_detach(ended);
  msleep(1);
}

TEST_F(Scheduler, ThreadObjectJoinsWhenItGoes) {
  {
    so3::Thread t{[&] { note("thread"); }, {.name = "t", .priority = 2, .stack_bytes = 256 * 1024}};
    ASSERT_TRUE(t);
    note("boot");
  }
  EXPECT_EQ(trace, (Trace{"boot", "thread"}));
}

TEST_F(Scheduler, PriorityZeroIsTheDefaultAndLargeOnesAreCapped) {
  tcb_t* const t = start("zero", 0, [] {});
  tcb_t* const u = start("huge", 1000, [] {});
  EXPECT_EQ(thread_prio(t), THREAD_PRIO_DEFAULT);
  EXPECT_EQ(thread_prio(u), THREAD_PRIO_MAX);
  thread_join(t);
  thread_join(u);
}

TEST_F(Scheduler, SetPriorityTakesEffectAtOnce) {
  tcb_t* const t = start("t", 2, [&] { note("t"); });
  thread_set_prio(t, 20);
  note("boot");
  thread_join(t);
  EXPECT_EQ(trace, (Trace{"t", "boot"}));
}

TEST_F(Scheduler, LongNameIsCut) {
  tcb_t* const t = start("a name that is far too long", 20, [] {});
  EXPECT_STREQ(thread_name(t), "a name that is ");
  thread_join(t);
}

TEST_F(Scheduler, SixtyFourThreadsOfAllPriorities) {
  std::vector<tcb_t*> threads;
  std::vector<std::uint32_t> order;
  preempt_disable();
  for (std::uint32_t i = 0; i < 64; ++i)
    threads.push_back(start("many", i % 31 + 1, [&order] { order.push_back(thread_prio(current())); }));
  preempt_enable();
  for (tcb_t* t : threads) thread_join(t);
  EXPECT_TRUE(std::is_sorted(order.rbegin(), order.rend()));
  EXPECT_EQ(order.size(), 64u);
}

// Issue 3, item 10: reports begin when the page says so, and end by themselves when it no longer does.
TEST_F(Scheduler, ReportsSwitchesWhileATraceIsOn) {
  const auto run_both = [&] {
    for (const char* name : {"a", "b"}) thread_join(start(name, 20, [] {}));
  };
  const auto& told = machine().threads_traced;
  run_both();
  EXPECT_TRUE(told.empty());
  kernel::shared().trace = 1;
  kernel::follow_trace();
  run_both();
  EXPECT_EQ(told, (Trace{"a", "boot", "b", "boot"}));
  kernel::shared().trace = 0;
  run_both();
  EXPECT_EQ(told.size(), 4u);
  EXPECT_FALSE(kernel::scheduler.look_after_switch);
  kernel::follow_trace();
  EXPECT_FALSE(kernel::scheduler.look_after_switch);
}

}  // namespace
