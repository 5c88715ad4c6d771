// Sections in which this vCPU must neither switch threads nor be stopped for a domcall (SharedPage::critical).
#pragma once
#include <atomic>
#include <cstdint>

#include "so3/kernel/scheduler.hpp"
#include "so3/kernel/shared.hpp"

namespace kernel {

// Only this vCPU writes the counter, and avz reads it on the same CPU or while the vCPU stands still:
// program order is all that is needed.
inline void enter_critical() {
  auto& depth = const_cast<volatile std::uint32_t&>(shared().critical);
  depth = depth + 1;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

inline void leave_critical() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  auto& depth = const_cast<volatile std::uint32_t&>(shared().critical);
  const std::uint32_t left = depth - 1;
  depth = left;
  if (left == 0 && (scheduler.need_resched || read_shared(shared().stop_requested) != 0)) [[unlikely]] preempt_check();
}

class CriticalSection {
 public:
  CriticalSection() { enter_critical(); }
  ~CriticalSection() { leave_critical(); }
  CriticalSection(const CriticalSection&) = delete;
  CriticalSection& operator=(const CriticalSection&) = delete;
};

// No interrupt in this scope.
class Masked {
 public:
  Masked() : flags_{arch::irq_save()} {}
  ~Masked() {
    arch::irq_restore(flags_);
    if (scheduler.need_resched) [[unlikely]] preempt_check();  // somebody more urgent was woken here
  }
  Masked(const Masked&) = delete;
  Masked& operator=(const Masked&) = delete;

 private:
  unsigned long flags_;
};

}  // namespace kernel
