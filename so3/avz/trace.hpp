// Tracing: on each CPU a ring, and tables and vectors that write to it in place of those that do not. While it is off,
// nothing looks whether it is on, but for changes of state.
#pragma once
#include <cstdint>

#include "so3/avz/cpu.hpp"
#include "so3/avz/hypercall.hpp"
#include "so3/avz/trace_ring.hpp"

namespace avz {

// Where an event of this CPU is written when a trace is on.
inline void trace(abi::trace::Kind kind, std::uint32_t slot, std::uint32_t number, std::uint64_t value0 = 0,
                  std::uint64_t value1 = 0) {
  if (TraceRing* const ring = this_cpu().trace; ring != nullptr) [[unlikely]]
    ring->write(kind, slot, number, value0, value1);
}

// Of a role's two tables the one that is used now. On the agency's CPU.
inline const CallTable& in_force(const CallTable& table) {
  return this_cpu().trace != nullptr ? *table.traced : *table.silent;
}

// What a new domain is told (SharedPage::trace).
std::uint32_t trace_wanted_of_guests();

// On the machine's side (trace_switch.cpp): every CPU takes the tables and vectors that trace into its ring, or, with
// nullptr, those that do not. Returns when all have. For the agency's CPU.
void switch_tracing(TraceRing* rings);

namespace calls {
void trace_control(Vcpu& caller, std::uint64_t (&x)[8]);
void trace_read(Vcpu& caller, std::uint64_t (&x)[8]);
}  // namespace calls

}  // namespace avz
