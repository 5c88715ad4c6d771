// Doing something on another CPU, where a vCPU is.
#pragma once
#include "so3/avz/cpu.hpp"

namespace avz {

// SGIs between CPUs. `events` is handled in the vector: it interrupts whoever runs there.
enum class Sgi : std::uint8_t { events = 0, look = 1 };

// Runs work(target, vcpu) on the target, with the vCPU that runs there saved; returns when it is done. On this CPU: at
// once. For CPU 0 only, with no lock held: two CPUs that ask each other would wait for ever.
void run_on(Cpu& target, void (*work)(Cpu&, Vcpu&), Vcpu& vcpu);

// On the target.
void serve_remote(Cpu& self);

}  // namespace avz
