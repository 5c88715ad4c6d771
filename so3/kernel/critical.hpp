// Sections in which this vCPU must neither switch threads nor be stopped for a domcall (SharedPage::critical).
#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
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

using MayAlias [[gnu::may_alias]] = std::uint64_t;

inline void leave_critical() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  // One load for the depth and, above it, stop_requested.
  static_assert(offsetof(abi::SharedPage, stop_requested) ==
                offsetof(abi::SharedPage, critical) + sizeof(std::uint32_t));
  const auto both =
      std::bit_cast<std::array<std::uint32_t, 2>>(*reinterpret_cast<const volatile MayAlias*>(&shared().critical));
  const_cast<volatile std::uint32_t&>(shared().critical) = both[0] - 1;
  if (((both[0] - 1) | both[1]) != 0 || scheduler.need_resched) [[unlikely]]
    preempt_check();
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
    if (scheduler.need_resched) [[unlikely]]
      preempt_check();  // somebody more urgent was woken here
  }
  Masked(const Masked&) = delete;
  Masked& operator=(const Masked&) = delete;

 private:
  unsigned long flags_;
};

}  // namespace kernel
