// From start.S to the author's code: the order in which the runtime comes up.
#include "so3/kernel/include/so3/init.h"

#include "so3/arch/boot.hpp"
#include "so3/kernel/critical.hpp"
#include "so3/kernel/heap_start.hpp"
#include "so3/kernel/include/so3/panic.h"
#include "so3/kernel/include/so3/thread.h"
#include "so3/kernel/panic.hpp"
#include "so3/kernel/scheduler.hpp"

extern "C" {
#define INITCALL_BOUNDS(level) extern const initcall_t __start_initcall_##level[], __stop_initcall_##level[]
INITCALL_BOUNDS(core);
INITCALL_BOUNDS(postcore);
INITCALL_BOUNDS(device);
INITCALL_BOUNDS(app);
using Constructor = void (*)();
extern const Constructor so3_init_array_start[], so3_init_array_end[];
extern std::uintptr_t __stack_chk_guard;
[[noreturn]] void so3_main();
}

namespace {

void run(const char* level, const initcall_t* from, const initcall_t* to) {
  for (const initcall_t* call = from; call != to; ++call) {
    if (const int r = (*call)(); r != 0) {
      kernel::print_symbol("init: ", reinterpret_cast<std::uint64_t>(*call));
      panic("init function of level %s answered %d", level, r);
    }
  }
}

// No canary in this frame: it changes under it.
[[gnu::optimize("no-stack-protector")]] void seed_stack_guard() {
  std::uint64_t seed = __stack_chk_guard;
  for (const std::uint64_t e : kernel::shared().entropy) seed = (seed << 13 | seed >> 51) ^ e;
  __stack_chk_guard = seed & ~std::uint64_t{0xff};  // a NUL first: strings do not run over it
}

}  // namespace

[[gnu::optimize("no-stack-protector")]] void so3_main() {
  const auto stack = arch::boot_stack();
  arch::set_boot_thread_local();
  kernel::adopt_boot_thread(stack.begin, static_cast<std::size_t>(stack.end - stack.begin));
  seed_stack_guard();
  kernel::shared().critical = 0;
  kernel::start_heap();
  for (const Constructor* c = so3_init_array_start; c != so3_init_array_end; ++c) (*c)();
  arch::irq_enable();
  run("core", __start_initcall_core, __stop_initcall_core);
  run("postcore", __start_initcall_postcore, __stop_initcall_postcore);
  run("device", __start_initcall_device, __stop_initcall_device);
  run("app", __start_initcall_app, __stop_initcall_app);
  thread_exit(0);
}
