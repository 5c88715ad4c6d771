// M46: what needs the ME's scheduler is forbidden in a domcall, caught and named.
#include "so3/kernel/include/so3/domcall.h"

#include "so3/abi/hypercall.hpp"
#include "so3/kernel/domcall.hpp"
#include "so3/kernel/include/so3/completion.hpp"
#include "so3/kernel/include/so3/delay.h"
#include "so3/kernel/include/so3/mutex.hpp"
#include "so3/kernel/include/so3/semaphore.hpp"
#include "so3/kernel/include/so3/timer.hpp"
#include "so3/kernel/scheduler.hpp"
#include "tests/unit/kernel/domain.hpp"

extern "C" kernel::Thread so3_domcall_thread;

namespace {

using namespace std::chrono_literals;

// As avz does it: the domain's own thread stands still, with interrupts masked another context of it runs.
template <typename F>
void domcall(const char* callback, F body) {
  so3_thread* const stopped = current();
  arch::irq_disable();
  arch::set_current(&so3_domcall_thread);
  kernel::begin_domcall(callback);
  body();
  kernel::end_domcall();
  arch::set_current(stopped);
  arch::irq_enable();
}

using DomcallDeathTest = Domain;
constexpr int blocked = static_cast<int>(abi::CrashReason::blocked_in_domcall);

TEST_F(DomcallDeathTest, M46_EveryBlockingFunctionIsNamedWithItsCallback) {
  so3::Completion c;
  so3::Semaphore s;
  so3::Mutex m;
  m.lock();
  tcb_t* const t = start("t", 2, [] {});
  const struct {
    const char* name;
    std::function<void()> call;
  } cases[] = {
      {"msleep", [] { msleep(1); }},
      {"sleep_until_ns", [] { sleep_until_ns(1); }},
      {"thread_yield", [] { thread_yield(); }},
      {"thread_join", [&] { thread_join(t); }},
      {"thread_exit", [&] { thread_exit(0); }},
      {"wait_for_completion", [&] { c.wait(); }},
      {"wait_for_completion_timeout", [&] { static_cast<void>(c.wait_for(1ms)); }},
      {"semaphore_down", [&] { s.down(); }},
      {"semaphore_down_timeout", [&] { static_cast<void>(s.down_for(1ms)); }},
      {"mutex_lock of a mutex that is held", [&] { m.lock(); }},
      {"vbstore_write", [] { assert_may_block("vbstore_write"); }},
  };
  for (const auto& k : cases)
    EXPECT_EXIT(domcall("cb_cooperate", k.call), testing::ExitedWithCode(blocked),
                std::string{"cb_cooperate called "} + k.name + ", which waits");
  m.unlock();
  thread_join(t);
}

TEST_F(DomcallDeathTest, OneThatWasSetAsideKeepsItsName) {
  EXPECT_EXIT(domcall("cb_cooperate",
                      [] {
                        kernel::begin_domcall("cb_kill_me");
                        kernel::end_domcall();
                        msleep(1);
                      }),
              testing::ExitedWithCode(blocked), "cb_cooperate called msleep");
}

using Domcall = Domain;

TEST_F(Domcall, WhatNeedNotWaitIsAllowed) {
  so3::Completion c;
  so3::Semaphore s{1};
  so3::Mutex m;
  c.complete();
  domcall("cb_pre_activate", [&] {
    EXPECT_TRUE(in_domcall());
    c.wait();
    s.down();
    so3::LockGuard guard{m};
    preempt_disable();
    preempt_enable();
  });
  EXPECT_FALSE(in_domcall());
  EXPECT_EQ(machine().kicks, 0u);
}

TEST_F(Domcall, ThreadsItWakesRunWhenItIsOver) {
  so3::Completion c;
  tcb_t* const t = start("t", 20, [&] {
    c.wait();
    note("t");
  });
  domcall("cb_cooperate", [&] {
    c.complete();
    note("domcall");
  });
  EXPECT_EQ(machine().kicks, 1u);  // avz rings for the selector that kick() sets
  thread_join(t);
  EXPECT_EQ(trace, (Trace{"domcall", "t"}));
}

TEST_F(Domcall, TimersItSetsReachTheHardwareOnTheDomainsOwnCpu) {
  so3::Timer timer{[&] { note("fired"); }};
  domcall("cb_cooperate", [&] {
    timer.start_after(5ms);
    EXPECT_FALSE(arch::host::timer_on);
  });
  EXPECT_EQ(machine().kicks, 1u);
  arch::host::interrupt_with([] {});
  EXPECT_TRUE(arch::host::timer_on);
  run_for(5 * ms);
  EXPECT_EQ(trace, (Trace{"fired"}));
}

TEST_F(Domcall, DoesNotParkWhenItLeavesACriticalSection) {
  kernel::shared().stop_requested = 1;  // as it is while the vCPU is held
  domcall("cb_cooperate", [] {
    preempt_disable();
    preempt_enable();
  });
  EXPECT_EQ(machine().parks, 0u);
}

}  // namespace
