// What avz keeps per physical CPU. TPIDR_EL2 points at it, and so does SP_EL2 while a domain runs.
#pragma once
#include <atomic>
#include <cstdint>

#include "so3/avz/run_queue.hpp"
#include "so3/avz/vcpu.hpp"
#ifndef __linux__
#include "so3/arch/arm64/registers.hpp"
#endif

namespace avz {

inline constexpr std::uint32_t max_cpus = 8;

class TraceRing;

struct Cpu {
  Vcpu* current = nullptr;  // whose general registers a trap belongs to; where an exit returns to. nullptr: idle
  const CallTable* calls = nullptr;  // of current
  const std::uint64_t zeros[2] = {0, 0};  // where registers get theirs from, two at a time
  Vcpu* loaded = nullptr;  // whose EL1 context is in the CPU: current, or the last one that was

  std::uint32_t index = 0;
  std::uint32_t place = 0;  // in the device tree, and so among redistributors and targets of SGIs
  std::uint64_t mpidr = 0;
  std::atomic<bool> online{false};

  RunQueue queue;

  // Counter values: at slice_end the hypervisor timer has work, and a second after budget_since; 0: none.
  std::uint64_t slice_end = 0;
  std::uint64_t budget_since = 0;
  // It is set, whether there still is work then or not. Domcalls rely on that: once they have set it for a budget, it
  // interrupts within a second.
  bool timer_runs = false;

  // What another CPU wants done here (remote.hpp).
  std::atomic<void (*)(Cpu&, Vcpu&)> remote_work{nullptr};
  Vcpu* remote_vcpu = nullptr;

  TraceRing* trace = nullptr;  // where what happens here is recorded, while it is
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
