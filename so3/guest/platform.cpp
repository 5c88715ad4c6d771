// What the kernel wants of the machine below it, as hypercalls.
#include "so3/kernel/platform.hpp"

#include <algorithm>
#include <atomic>

#include "so3/guest/events.hpp"
#include "so3/guest/hypercall.hpp"
#include "so3/kernel/shared.hpp"
#include "so3/kernel/thread_control.hpp"

namespace kernel::platform {

void console_write(std::string_view text) {
  while (!text.empty()) {
    const auto piece = text.substr(0, abi::console_write_max);
    static_cast<void>(hypercall::console_write(piece));  // nobody to tell when even this fails
    text.remove_prefix(piece.size());
  }
}

void wait() { hypercall::vcpu_wait(); }

void park() { hypercall::vcpu_park(); }

void dispatch() { guest::events().dispatch(shared()); }
void handle_events() { guest::events().handle(shared()); }

void trace_thread(const so3_thread& thread) {
  hypercall::trace_thread(reinterpret_cast<std::uintptr_t>(&thread), thread.name);
}

// A timer that did not fire is harmless: the kernel looks at its queue and sets the hardware anew.
void kick() { std::atomic_ref{shared().selector}.fetch_or(abi::selector_timer, std::memory_order_release); }

void crash(abi::CrashReason reason, std::uint64_t pc, std::uint64_t fault_address) {
  hypercall::crash(reason, pc, fault_address);
}

}  // namespace kernel::platform
