// Power State Coordination Interface (Arm DEN 0022), reached by SMC from EL2.
#pragma once
#include <cstdint>

#include "so3/arch/arm64/barrier.hpp"

namespace avz::psci {

inline std::int64_t call(std::uint64_t function, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0) {
  register std::uint64_t x0 asm("x0") = function;
  register std::uint64_t x1 asm("x1") = a;
  register std::uint64_t x2 asm("x2") = b;
  register std::uint64_t x3 asm("x3") = c;
  asm volatile("smc #0"
               : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
               :
               : "memory", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17");
  return static_cast<std::int64_t>(x0);
}

// 0 = the CPU is coming up at `entry` with x0 = context.
inline std::int64_t cpu_on(std::uint64_t mpidr, std::uint64_t entry, std::uint64_t context) {
  return call(0xc400'0003, mpidr, entry, context);
}

[[noreturn]] inline void system_off() {
  call(0x8400'0008);
  for (;;) arch::wfi();
}

}  // namespace avz::psci
