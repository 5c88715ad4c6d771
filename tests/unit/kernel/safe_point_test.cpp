// Where the vCPU lets itself be stopped for a domcall (shared_page.hpp, `critical` and `stop_requested`).
#include "so3/kernel/include/so3/delay.h"
#include "so3/kernel/include/so3/semaphore.hpp"
#include "so3/kernel/include/so3/spinlock.hpp"
#include "so3/kernel/include/so3/thread.hpp"
#include "tests/unit/kernel/domain.hpp"

namespace {

using SafePoint = Domain;

TEST_F(SafePoint, InterruptWithNothingCriticalParks) {
  kernel::shared().stop_requested = 1;
  arch::host::interrupt_with([] {});
  EXPECT_EQ(machine().parks, 1u);
}

TEST_F(SafePoint, CriticalSectionDelaysItToItsEnd) {
  preempt_disable();
  preempt_disable();
  kernel::shared().stop_requested = 1;
  arch::host::interrupt_with([] {});
  EXPECT_EQ(machine().parks, 0u);
  preempt_enable();
  EXPECT_EQ(machine().parks, 0u);
  preempt_enable();
  EXPECT_EQ(machine().parks, 1u);
  EXPECT_FALSE(arch::irqs_masked());
}

TEST_F(SafePoint, NeverInsideASectionWithInterruptsMasked) {
  const auto flags = local_irq_save();
  preempt_disable();
  kernel::shared().stop_requested = 1;
  arch::host::interrupt_with([] {});  // avz rings
  preempt_enable();
  EXPECT_EQ(machine().parks, 0u);
  local_irq_restore(flags);
  EXPECT_EQ(machine().parks, 1u);
}

TEST_F(SafePoint, IdleParksToo) {
  tcb_t* const t = start("t", 2, [] {
    kernel::shared().stop_requested = 1;
    msleep(1);
  });
  thread_join(t);
  EXPECT_EQ(machine().parks, 1u);
}

using ContextDeathTest = Domain;

TEST_F(ContextDeathTest, WaitingWithPreemptionOffIsNamed) {
  preempt_disable();
  EXPECT_EXIT(msleep(1), testing::ExitedWithCode(1), "msleep may wait, but was called with preemption off");
  preempt_enable();
}

TEST_F(ContextDeathTest, WaitingInAnInterruptHandlerIsNamed) {
  static so3::Semaphore s;
  EXPECT_EXIT(arch::host::interrupt_with([] { s.down(); }), testing::ExitedWithCode(1),
              "semaphore_down may wait, but was called in an interrupt handler");
}

}  // namespace
