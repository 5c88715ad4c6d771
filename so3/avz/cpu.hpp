// What avz keeps per physical CPU. TPIDR_EL2 points at it.
#pragma once
#include <cstdint>

#include "so3/avz/spinlock.hpp"
#include "so3/avz/vcpu.hpp"
#ifndef __linux__
#include "so3/arch/arm64/registers.hpp"
#endif

namespace avz {

inline constexpr std::uint32_t max_cpus = 8;

struct Cpu {
  Vcpu* current;           // whose general registers a trap belongs to; where an exit returns to
  const CallTable* calls;  // of current
  Vcpu* loaded;            // whose EL1 context is in the CPU: current, or the last one that was
  std::uint32_t index;     // 0..cpus-1
  bool online;
};

#ifdef __linux__
inline thread_local Cpu* host_cpu;
inline Cpu& this_cpu() { return *host_cpu; }
#else
inline Cpu& this_cpu() { return *reinterpret_cast<Cpu*>(read_register(tpidr_el2)); }
#endif

// All CPUs that came up; the agency's is the first.
std::uint32_t cpu_count();
Cpu& cpu(std::uint32_t index);

}  // namespace avz
