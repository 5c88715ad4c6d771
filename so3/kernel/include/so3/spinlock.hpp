// Spinlocks as objects: Spinlock keeps threads out, IrqGuard keeps interrupt handlers out too.
#pragma once
#include "so3/spinlock.h"

namespace so3 {

class Spinlock {
 public:
  constexpr Spinlock() = default;
  Spinlock(const Spinlock&) = delete;
  Spinlock& operator=(const Spinlock&) = delete;

  void lock() { spin_lock(&lock_); }
  [[nodiscard]] bool try_lock() { return spin_trylock(&lock_); }
  void unlock() { spin_unlock(&lock_); }
  spinlock_t* native() { return &lock_; }

 private:
  spinlock_t lock_{};
};

// No interrupt, so no other code of this domain, in this scope.
class [[nodiscard]] IrqGuard {
 public:
  IrqGuard() : flags_{local_irq_save()} {}
  ~IrqGuard() { local_irq_restore(flags_); }
  IrqGuard(const IrqGuard&) = delete;
  IrqGuard& operator=(const IrqGuard&) = delete;

 private:
  unsigned long flags_;
};

// A spinlock and interrupts off.
class [[nodiscard]] SpinIrqGuard {
 public:
  explicit SpinIrqGuard(Spinlock& lock) : lock_{lock}, flags_{spin_lock_irqsave(lock.native())} {}
  ~SpinIrqGuard() { spin_unlock_irqrestore(lock_.native(), flags_); }
  SpinIrqGuard(const SpinIrqGuard&) = delete;
  SpinIrqGuard& operator=(const SpinIrqGuard&) = delete;

 private:
  Spinlock& lock_;
  unsigned long flags_;
};

}  // namespace so3
