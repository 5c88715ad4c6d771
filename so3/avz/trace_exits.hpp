// Exits that record what they are about, on CPUs that trace (vectors.S).
#pragma once
#include <cstdint>

#include "so3/avz/cpu.hpp"
#include "so3/avz/hypercall.hpp"
#include "so3/plat/gic/gic.hpp"

extern "C" {  // vectors.S
avz::Answer traced_slow_call(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t);
}

namespace avz {

// In the tables that trace, in the place of fast handlers.
Answer traced_fast_call(std::uint64_t id, std::uint64_t x1, std::uint64_t x2, std::uint64_t x3, std::uint64_t x4);
Answer traced_thread_switch(std::uint64_t id, std::uint64_t thread, std::uint64_t name0, std::uint64_t name1,
                            std::uint64_t);

void note_interrupt(Cpu& self, plat::gic::Interrupt interrupt);
// As schedule().
void traced_schedule(Cpu& self);

}  // namespace avz
