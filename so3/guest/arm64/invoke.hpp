// One hypercall, as abi/hypercall.hpp says which register means what.
#pragma once
#include <cstdint>

#include "so3/abi/hypercall.hpp"

namespace hypercall {

struct Answer {
  std::uint64_t status;  // x0
  std::uint64_t x[8];    // x[1]..x[7]; x[0] is unused, so that indices are register numbers
};

// What an argument register holds that the call does not look at: anything, at the price of no instruction.
[[gnu::always_inline]] inline std::uint64_t unused() {
  std::uint64_t v;
  asm volatile("" : "=r"(v));  // volatile: two of these are not one value that must be copied
  return v;
}

[[gnu::always_inline]] inline Answer invoke(abi::Call call, std::uint64_t a1 = unused(), std::uint64_t a2 = unused(),
                                            std::uint64_t a3 = unused(), std::uint64_t a4 = unused(),
                                            std::uint64_t a5 = unused(), std::uint64_t a6 = unused(),
                                            std::uint64_t a7 = unused()) {
  register std::uint64_t x0 asm("x0") = abi::function_id(call);
  register std::uint64_t x1 asm("x1") = a1;
  register std::uint64_t x2 asm("x2") = a2;
  register std::uint64_t x3 asm("x3") = a3;
  register std::uint64_t x4 asm("x4") = a4;
  register std::uint64_t x5 asm("x5") = a5;
  register std::uint64_t x6 asm("x6") = a6;
  register std::uint64_t x7 asm("x7") = a7;
  asm volatile("hvc #0"
               : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
               :
               : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory", "cc");
  return {x0, {0, x1, x2, x3, x4, x5, x6, x7}};
}

// Lowers the virtual interrupt. What was pending before must be looked at after this, never before.
inline void acknowledge_interrupt() { asm volatile("hvc #1" : : : "x16", "x17", "memory"); }

}  // namespace hypercall
