// What the C++ language needs at run time: memory, static objects, and the ends of functions that would throw.
#include <cstdarg>
#include <cstdlib>
#include <new>

#include <malloc.h>  // after <cstdlib>: what that declares noexcept, this declares without

#include "so3/kernel/include/so3/panic.h"

namespace {

void* must(void* p, std::size_t n) {
  if (p == nullptr) panic("out of memory: operator new of %zu bytes (use new (std::nothrow) to handle that)", n);
  return p;
}

}  // namespace

void* operator new(std::size_t n) { return must(std::malloc(n), n); }
void* operator new[](std::size_t n) { return must(std::malloc(n), n); }
void* operator new(std::size_t n, std::align_val_t to) { return must(memalign(static_cast<std::size_t>(to), n), n); }
void* operator new[](std::size_t n, std::align_val_t to) { return must(memalign(static_cast<std::size_t>(to), n), n); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return std::malloc(n); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return std::malloc(n); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { std::free(p); }
const std::nothrow_t std::nothrow{};

extern "C" {

void* __dso_handle = nullptr;

// Static objects live as long as the domain.
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
int __aeabi_atexit(void*, void (*)(void*), void*) { return 0; }
[[noreturn]] void __cxa_pure_virtual() { panic("a pure virtual function was called"); }
[[noreturn]] void __cxa_deleted_virtual() { panic("a deleted virtual function was called"); }

}  // extern "C"

// libstdc++ was built with exceptions; without them its throws end here, each with its own words.
namespace std {
[[noreturn]] void __throw_bad_alloc() { panic("std::bad_alloc: out of memory"); }
[[noreturn]] void __throw_bad_array_new_length() { panic("std::bad_array_new_length"); }
[[noreturn]] void __throw_length_error(const char* s) { panic("std::length_error: %s", s); }
[[noreturn]] void __throw_logic_error(const char* s) { panic("std::logic_error: %s", s); }
[[noreturn]] void __throw_out_of_range(const char* s) { panic("std::out_of_range: %s", s); }
[[noreturn]] void __throw_out_of_range_fmt(const char* s, ...) {
  std::va_list args;
  va_start(args, s);
  vpanic(s, args);
}
[[noreturn]] void __throw_invalid_argument(const char* s) { panic("std::invalid_argument: %s", s); }
[[noreturn]] void __throw_bad_function_call() { panic("std::bad_function_call: an empty std::function was called"); }
[[noreturn]] void __throw_bad_optional_access() { panic("std::bad_optional_access"); }
[[noreturn]] void __throw_system_error(int e) { panic("std::system_error %d", e); }
}  // namespace std
