// Threads of the kernel as contexts of one host thread, and interrupts as calls at the places where real ones could
// come: so the kernel's own code runs under a debugger and the sanitizers, and every run is the same.
#pragma once
#include <ucontext.h>

#include <cstddef>

#include "so3/abi/threads.hpp"

struct so3_thread;
extern "C" bool so3_interrupt();
extern "C" void so3_preempt();

namespace arch {

struct Context {
  ucontext_t registers = {};
  const void* stack = nullptr;  // for AddressSanitizer
  std::size_t stack_bytes = 0;
};
inline constexpr std::size_t context_in_thread = offsetof(abi::ThreadRecord, sp);

namespace host {
inline so3_thread* current = nullptr;
inline bool masked = true;    // PSTATE.I
inline bool pending = false;  // an interrupt waits to be taken

void take_interrupt();
inline void unmask() {
  masked = false;
  if (pending) take_interrupt();
}
}  // namespace host

inline so3_thread* current() { return host::current; }
inline void set_current(so3_thread* t) { host::current = t; }

void switch_context(so3_thread& from, so3_thread& to);
void prepare_context(Context& context, std::byte* stack, std::size_t bytes, void (*entry)());

inline bool on_interrupt_stack(bool (*f)()) { return f(); }

inline unsigned long irq_save() {
  const bool was = host::masked;
  host::masked = true;
  return was ? 1 : 0;
}
inline void irq_restore(unsigned long flags) {
  if (flags == 0) host::unmask();
}
inline void irq_disable() { host::masked = true; }
inline void irq_enable() { host::unmask(); }
inline bool irqs_masked() { return host::masked; }

}  // namespace arch
