// What an exit consists of, but for the choice of who runs then.
#pragma once
#include "so3/avz/cpu.hpp"

namespace avz {

// A slow hypercall, its number checked by the vector; anything else that is synchronous. The registers are in the Vcpu.
void handle_call(Vcpu& v);
void handle_synchronous(Cpu& self, Vcpu& v);

// Whoever was current has lost its place, in whatever way.
inline bool has_left(const Cpu& self) { return self.current == nullptr || self.current->run != Run::running; }

}  // namespace avz
