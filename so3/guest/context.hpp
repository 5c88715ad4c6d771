// Where code runs.
#pragma once
#include "so3/arch/context.hpp"
#include "so3/kernel/scheduler.hpp"
#include "so3/kernel/shared.hpp"

namespace guest {

// In a thread that may wait: not in a domcall, an interrupt handler, with interrupts masked or preemption off.
inline bool may_block() { return !arch::irqs_masked() && kernel::shared().critical == 0 && !kernel::in_domcall(); }

// The same, and nobody depends on this thread to resume a device (control thread, watch thread): where a device may be
// suspended, only others may wait for it.
inline bool may_wait_for_devices() { return may_block() && !kernel::current_thread().resumes_devices; }

}  // namespace guest
