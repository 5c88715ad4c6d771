#include "so3/kernel/include/so3/spinlock.h"

#include "so3/kernel/critical.hpp"
#include "so3/kernel/include/so3/panic.h"

namespace {

[[noreturn, gnu::noinline]] void held(const spinlock_t& lock) {
  panic("spinlock %p is taken a second time; it was taken at %p. With one virtual CPU nobody will ever release it",
        static_cast<const void*>(&lock), reinterpret_cast<void*>(lock.holder));
}

}  // namespace

extern "C" {

void spin_lock_init(spinlock_t* lock) { lock->holder = 0; }

void spin_lock(spinlock_t* lock) {
  kernel::enter_critical();
  if (lock->holder != 0) [[unlikely]]
    held(*lock);
  lock->holder = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
}

bool spin_trylock(spinlock_t* lock) {
  kernel::enter_critical();
  if (lock->holder != 0) {
    kernel::leave_critical();
    return false;
  }
  lock->holder = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  return true;
}

void spin_unlock(spinlock_t* lock) {
  lock->holder = 0;
  kernel::leave_critical();
}

unsigned long spin_lock_irqsave(spinlock_t* lock) {
  const auto flags = arch::irq_save();
  kernel::enter_critical();
  if (lock->holder != 0) [[unlikely]]
    held(*lock);
  lock->holder = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  return flags;
}

void spin_unlock_irqrestore(spinlock_t* lock, unsigned long flags) {
  lock->holder = 0;
  kernel::leave_critical();
  local_irq_restore(flags);
}

unsigned long local_irq_save() { return arch::irq_save(); }

void local_irq_restore(unsigned long flags) {
  arch::irq_restore(flags);
  if (kernel::scheduler.need_resched) kernel::preempt_check();
}

}  // extern "C"
