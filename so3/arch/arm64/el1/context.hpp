// Threads run on SP_EL0 (SPSel = 0), handlers on SP_EL1. So a thread that overflows its stack into the guard page
// still leaves the exception a good stack. TPIDR_EL1 points to the running thread, TPIDR_EL0 to its thread-local data.
#pragma once
#include <cstddef>
#include <cstdint>

#include "so3/abi/threads.hpp"
#include "so3/arch/arm64/registers.hpp"

struct so3_thread;

namespace arch {

// In so3_thread, to which TPIDR_EL1 points. The rest is on the thread's stack. Offsets are used in context.S.
struct Context {
  std::uint64_t sp;
  std::uint64_t tpidr_el0;
};
inline constexpr std::size_t context_in_thread = offsetof(abi::ThreadRecord, sp);
static_assert(context_in_thread == 48, "as in context.S");

// Constant as long as one thread runs, so the compiler may keep it.
inline so3_thread* current() {
  so3_thread* t;
  asm("mrs %0, tpidr_el1" : "=r"(t));
  return t;
}
inline void set_current(so3_thread* t) { asm volatile("msr tpidr_el1, %0" : : "r"(t) : "memory"); }

// Callee-saved registers, x29, x30, SP, d8-d15 and both TPIDRs. Interrupts masked.
extern "C" void arch_switch_context(so3_thread& from, so3_thread& to);
inline void switch_context(so3_thread& from, so3_thread& to) { arch_switch_context(from, to); }

// The first switch_context() to it enters `entry` with interrupts masked. The top of the stack is taken for
// thread-local data: the C++ thread_local objects and errno of the thread.
void prepare_context(Context& context, std::byte* stack, std::size_t bytes, void (*entry)());

// Calls f on the interrupt stack, interrupts masked, from a thread's.
extern "C" bool arch_on_interrupt_stack(bool (*f)());
inline bool on_interrupt_stack(bool (*f)()) { return arch_on_interrupt_stack(f); }

inline constexpr unsigned long daif_i = 1 << 7;

inline unsigned long irq_save() {
  const auto flags = read_register(daif);
  asm volatile("msr daifset, #2" : : : "memory");
  return flags;
}
inline void irq_restore(unsigned long flags) { write_register(daif, flags); }
inline void irq_disable() { asm volatile("msr daifset, #2" : : : "memory"); }
inline void irq_enable() { asm volatile("msr daifclr, #2" : : : "memory"); }
inline bool irqs_masked() { return (read_register(daif) & daif_i) != 0; }

}  // namespace arch
