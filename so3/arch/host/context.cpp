#include "so3/arch/host/context.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#else
namespace {
void __sanitizer_start_switch_fiber(void**, const void*, std::size_t) {}
void __sanitizer_finish_switch_fiber(void*, const void**, std::size_t*) {}
}  // namespace
#endif

namespace arch {
namespace {

Context* left = nullptr;  // the context that the last switch came from
void (*entry_of_new)() = nullptr;

// AddressSanitizer has to know whose stack this is, and tells where the one before lies.
void arrived(void* fake_stack) {
  const void* stack = nullptr;
  std::size_t bytes = 0;
  __sanitizer_finish_switch_fiber(fake_stack, &stack, &bytes);
  if (left != nullptr && bytes != 0) {
    left->stack = stack;
    left->stack_bytes = bytes;
  }
}

Context& context_of(so3_thread& t) {
  return *reinterpret_cast<Context*>(reinterpret_cast<std::byte*>(&t) + context_in_thread);
}

void enter() {
  arrived(nullptr);
  entry_of_new();
}

}  // namespace

void switch_context(so3_thread& from_thread, so3_thread& to_thread) {
  Context& from = context_of(from_thread);
  Context& to = context_of(to_thread);
  void* fake_stack = nullptr;
  left = &from;
  host::current = &to_thread;
  __sanitizer_start_switch_fiber(&fake_stack, to.stack, to.stack_bytes);
  swapcontext(&from.registers, &to.registers);
  arrived(fake_stack);
}

void prepare_context(Context& context, std::byte* stack, std::size_t bytes, void (*entry)()) {
  entry_of_new = entry;  // the kernel has one
  context.stack = stack;
  context.stack_bytes = bytes;
  getcontext(&context.registers);
  context.registers.uc_stack = {.ss_sp = stack, .ss_flags = 0, .ss_size = bytes};
  context.registers.uc_link = nullptr;
  makecontext(&context.registers, &enter, 0);
}

void host::take_interrupt() {
  pending = false;
  masked = true;
  if (so3_interrupt()) so3_preempt();
  masked = false;
}

}  // namespace arch
