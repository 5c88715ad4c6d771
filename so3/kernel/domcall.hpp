// The kernel's side of a domcall: it runs as a thread of its own that is never scheduled.
#pragma once
#include <cstdint>

namespace kernel {

// Entry and stack to register with avz (Call::domcall_register): the entry switches to this pseudo-thread and its
// thread-local data, then calls extern "C" so3_domcall(x0..x6) of so3/guest, which ends with domcall_return.
std::uint64_t domcall_entry();
std::uint64_t domcall_stack_top();

// Around the author's callback. `callback` names it in reports.
void begin_domcall(const char* callback);
// Wakes the domain's own CPU if there is something new for it to do.
void end_domcall();

[[noreturn]] void blocked_in_domcall(const char* primitive);

}  // namespace kernel
