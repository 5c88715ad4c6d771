#include "so3/kernel/include/so3/mutex.hpp"

#include "so3/kernel/include/so3/delay.h"
#include "tests/unit/kernel/domain.hpp"

namespace {

using Mutex = Domain;

TEST_F(Mutex, ExcludesAndHandsOverToTheMostUrgent) {
  so3::Mutex m;
  m.lock();
  tcb_t* const a = start("a", 5, [&] {
    so3::LockGuard guard{m};
    note("a");
  });
  tcb_t* const b = start("b", 8, [&] {
    so3::LockGuard guard{m};
    note("b");
  });
  msleep(1);  // both wait now
  EXPECT_TRUE(trace.empty());
  m.unlock();
  thread_join(a);
  thread_join(b);
  EXPECT_EQ(trace, (Trace{"b", "a"}));
  EXPECT_FALSE(mutex_is_locked(m.native()));
}

TEST_F(Mutex, TryLock) {
  so3::Mutex m;
  EXPECT_TRUE(m.try_lock());
  EXPECT_FALSE(m.try_lock());
  m.unlock();
  EXPECT_TRUE(m.try_lock());
  m.unlock();
}

TEST_F(Mutex, OwnerInheritsThePriorityOfTheWaiter) {
  so3::Mutex m;
  m.lock();
  tcb_t* const urgent = start("urgent", 20, [&] {
    so3::LockGuard guard{m};
    note("urgent");
  });
  EXPECT_EQ(thread_effective_prio(current()), 20u);
  EXPECT_EQ(thread_prio(current()), THREAD_PRIO_DEFAULT);
  tcb_t* const middle = start("middle", 15, [&] { note("middle"); });
  note("boot");  // before middle: no inversion
  m.unlock();
  EXPECT_EQ(thread_effective_prio(current()), THREAD_PRIO_DEFAULT);
  thread_join(urgent);
  thread_join(middle);
  EXPECT_EQ(trace, (Trace{"boot", "urgent", "middle"}));
}

TEST_F(Mutex, InheritanceFollowsTheChain) {
  so3::Mutex first, second;
  first.lock();
  tcb_t* const link = start("link", 12, [&] {
    so3::LockGuard holds{second};
    so3::LockGuard wants{first};
  });
  EXPECT_EQ(thread_effective_prio(current()), 12u);
  tcb_t* const urgent = start("urgent", 25, [&] { so3::LockGuard wants{second}; });
  EXPECT_EQ(thread_effective_prio(link), 25u);
  EXPECT_EQ(thread_effective_prio(current()), 25u);
  first.unlock();
  thread_join(link);
  thread_join(urgent);
  EXPECT_EQ(thread_effective_prio(current()), THREAD_PRIO_DEFAULT);
}

TEST_F(Mutex, PriorityStaysWhileAnotherWaitedForMutexIsHeld) {
  so3::Mutex a, b;
  a.lock();
  b.lock();
  tcb_t* const x = start("x", 15, [&] { so3::LockGuard guard{a}; });
  tcb_t* const y = start("y", 20, [&] { so3::LockGuard guard{b}; });
  EXPECT_EQ(thread_effective_prio(current()), 20u);
  b.unlock();
  EXPECT_EQ(thread_effective_prio(current()), 15u);
  a.unlock();
  EXPECT_EQ(thread_effective_prio(current()), THREAD_PRIO_DEFAULT);
  thread_join(x);
  thread_join(y);
}

TEST_F(Mutex, ManyThreadsCountTogether) {
  so3::Mutex m;
  int count = 0;
  std::vector<tcb_t*> threads;
  for (int i = 0; i < 8; ++i)
    threads.push_back(start("counter", 5, [&] {
      for (int k = 0; k < 50; ++k) {
        so3::LockGuard guard{m};
        const int seen = count;
        run_for(1 * ms);  // slices end in here
        count = seen + 1;
      }
    }));
  for (tcb_t* t : threads) thread_join(t);
  EXPECT_EQ(count, 8 * 50);
}

using MutexDeathTest = Domain;

TEST_F(MutexDeathTest, SecondLockByTheOwnerIsNamed) {
  so3::Mutex m;
  m.lock();
  EXPECT_EXIT(m.lock(), testing::ExitedWithCode(1), "thread \"boot\" locks mutex .* which it holds already");
}

TEST_F(MutexDeathTest, UnlockByAnotherIsNamed) {
  so3::Mutex m;
  EXPECT_EXIT(m.unlock(), testing::ExitedWithCode(1), "unlocks mutex .* which is free");
}

}  // namespace
