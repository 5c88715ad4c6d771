// What the kernel needs from the machine below it. so3/guest provides it with hypercalls, so3/arch/host for tests.
#pragma once
#include <cstdint>
#include <string_view>

#include "so3/abi/hypercall.hpp"

struct so3_thread;

namespace kernel::platform {

// Console of last resort: any context, any length, no allocation, no lock.
void console_write(std::string_view text);

// Nothing to do: returns when an event may be pending, with no interrupt raised. Called with interrupts masked; the
// kernel then calls handle_events().
void wait();

// A domcall waits and this is a safe point.
void park();

// Called with interrupts masked, from the interrupt vector: acknowledges the interrupt, then handle_events().
void dispatch();
// Handles all that is pending. For abi::selector_timer it calls kernel::timer_interrupt().
void handle_events();

// For a trace: this thread has the CPU now.
void trace_thread(const so3_thread& thread);

// Makes dispatch() run soon on this domain's own CPU. Called at the end of a domcall that woke somebody.
void kick();

[[noreturn]] void crash(abi::CrashReason reason, std::uint64_t pc, std::uint64_t fault_address);

}  // namespace kernel::platform
