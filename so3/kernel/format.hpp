// printf's formats without floating point, memory or locks: what printk may use in any context.
#pragma once
#include <cstdarg>
#include <cstddef>

namespace kernel {

// Writes at most size-1 bytes and a NUL; returns the length of the full text, as vsnprintf does.
std::size_t format(char* to, std::size_t size, const char* fmt, std::va_list args);

}  // namespace kernel
