// Ways in which C and C++ code gives up.
#include <cstdint>
#include <cstdlib>

#include "so3/kernel/include/so3/panic.h"

extern "C" {

std::uintptr_t __stack_chk_guard = 0x00f1'ca5e'0d15'ea5e;  // seeded from the shared page at start

[[noreturn]] void __stack_chk_fail() { panic("a function wrote past the end of an array on its stack"); }
[[noreturn]] void __chk_fail() { panic("a C library function was asked to write past the end of a buffer"); }
void abort() { panic("abort() was called"); }
[[noreturn]] void _exit(int code) { panic("exit(%d): an ME ends through its lifecycle, not by exit()", code); }
[[noreturn]] void __assert_func(const char* file, int line, const char* function, const char* expression) {
  panic("assertion \"%s\" failed in %s, %s:%d", expression, function, file, line);
}

}  // extern "C"
