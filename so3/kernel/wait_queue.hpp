// Blocking and waking. Interrupts masked, unless a function says otherwise.
#pragma once
#include <cstdint>

#include "so3/kernel/include/so3/wait_queue.h"
#include "so3/kernel/scheduler.hpp"
#include "so3/kernel/shared.hpp"
#include "so3/kernel/thread_control.hpp"

namespace kernel {

inline constexpr std::uint64_t forever = ~std::uint64_t{0};

// Puts the current thread in the queue and lets others run. False: the clock reached `deadline_ns` first.
bool wait_in(so3_wait_queue& queue, std::uint64_t deadline_ns = forever, ThreadState as = ThreadState::waiting);

// Takes the most urgent thread out and makes it ready; nullptr when nobody waits.
Thread* wake_one(so3_wait_queue& queue);
void wake_all(so3_wait_queue& queue);

void insert_by_priority(so3_wait_queue& queue, Thread& t);
void remove_from(so3_wait_queue& queue, Thread& t);

// Stops the domain with a report when the caller may not wait. `what` is the function the author called. Any context.
[[noreturn]] void may_not_block(const char* what);
inline bool may_block() { return !in_domcall() && read_shared(shared().critical) == 0 && !arch::irqs_masked(); }
inline void check_may_block(const char* what) {
  if (!may_block()) [[unlikely]]
    may_not_block(what);
}

inline std::uint64_t deadline_after(std::uint64_t now, std::uint64_t timeout) {
  return timeout < forever - now ? now + timeout : forever;
}

}  // namespace kernel
