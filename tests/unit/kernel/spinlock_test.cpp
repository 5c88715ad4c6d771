#include "so3/kernel/include/so3/spinlock.hpp"

#include "so3/kernel/include/so3/thread.h"
#include "tests/unit/kernel/domain.hpp"

namespace {

using Spinlock = Domain;

TEST_F(Spinlock, HolderIsCriticalForAvz) {
  so3::Spinlock s;
  EXPECT_EQ(kernel::shared().critical, 0u);
  s.lock();
  EXPECT_EQ(kernel::shared().critical, 1u);
  EXPECT_FALSE(s.try_lock());
  s.unlock();
  EXPECT_EQ(kernel::shared().critical, 0u);
}

TEST_F(Spinlock, IrqsaveKeepsInterruptsOutUntilTheEnd) {
  static Trace* seen;
  seen = &trace;
  so3::Spinlock s;
  {
    so3::SpinIrqGuard guard{s};
    arch::host::interrupt_with([] { seen->push_back("interrupt"); });
    note("inside");
  }
  note("after");
  EXPECT_EQ(trace, (Trace{"inside", "interrupt", "after"}));
}

TEST_F(Spinlock, NestedMaskIsRestored) {
  const auto outer = local_irq_save();
  const auto inner = local_irq_save();
  local_irq_restore(inner);
  EXPECT_TRUE(arch::irqs_masked());
  local_irq_restore(outer);
  EXPECT_FALSE(arch::irqs_masked());
}

using SpinlockDeathTest = Domain;

TEST_F(SpinlockDeathTest, SecondLockIsReportedNotSpunOn) {
  so3::Spinlock s;
  s.lock();
  EXPECT_EXIT(s.lock(), testing::ExitedWithCode(1), "taken a second time; it was taken at 0x");
}

}  // namespace
