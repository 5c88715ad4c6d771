#include "so3/kernel/panic.hpp"

#include <cstdarg>
#include <cstddef>

#include "so3/kernel/format.hpp"
#include "so3/kernel/include/so3/panic.h"
#include "so3/kernel/include/so3/printk.h"
#include "so3/kernel/platform.hpp"
#include "so3/kernel/scheduler.hpp"

namespace kernel {
namespace {

bool reporting = false;

[[noreturn]] void end(abi::CrashReason reason, const char* format, std::va_list args, std::uint64_t pc,
                      std::uint64_t fp) {
  begin_report();
  char message[320];
  kernel::format(message, sizeof message, format, args);
  lprintk("\n%s: ", name(reason));
  platform::console_write(message);
  lprintk("\n  in thread \"%s\"\n", thread_name(&current_thread()));
  print_backtrace(pc, fp);
  platform::crash(reason, pc, 0);
}

}  // namespace

void begin_report() {
  if (reporting) platform::crash(abi::CrashReason::panic, 0, 0);
  reporting = true;
}

void print_backtrace(std::uint64_t pc, std::uint64_t frame_pointer) {
  constexpr int depth_max = 24;
  print_symbol("  at ", pc);
  for (int depth = 0; depth < depth_max; ++depth) {
    // A frame record is {previous frame pointer, return address} (AAPCS64 6.4.6); records go up the stack.
    if (frame_pointer == 0 || frame_pointer % 8 != 0 || !readable(frame_pointer, 16)) return;
    const auto* const record = reinterpret_cast<const std::uint64_t*>(frame_pointer);
    if (record[1] == 0) return;
    print_symbol("  by ", record[1] - 4);  // the call, not what follows it
    if (record[0] <= frame_pointer) return;
    frame_pointer = record[0];
  }
}

void die(abi::CrashReason reason, const char* format, ...) {
  std::va_list args;
  va_start(args, format);
  end(reason, format, args, reinterpret_cast<std::uint64_t>(__builtin_return_address(0)) - 4,
      *static_cast<std::uint64_t*>(__builtin_frame_address(0)));
}

}  // namespace kernel

extern "C" {

void vpanic(const char* format, std::va_list args) {
  kernel::end(abi::CrashReason::panic, format, args, reinterpret_cast<std::uint64_t>(__builtin_return_address(0)) - 4,
              *static_cast<std::uint64_t*>(__builtin_frame_address(0)));
}

void panic(const char* format, ...) {
  std::va_list args;
  va_start(args, format);
  kernel::end(abi::CrashReason::panic, format, args, reinterpret_cast<std::uint64_t>(__builtin_return_address(0)) - 4,
              *static_cast<std::uint64_t*>(__builtin_frame_address(0)));
}

}  // extern "C"
