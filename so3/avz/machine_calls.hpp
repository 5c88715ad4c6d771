// The handlers of the calls that are about a vCPU or the machine (hypercall.hpp).
#pragma once
#include "so3/avz/hypercall.hpp"

namespace avz::calls {

Answer version(std::uint64_t id, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t);
void console_write(Vcpu& caller, std::uint64_t (&x)[8]);
void vcpu_yield(Vcpu& caller, std::uint64_t (&x)[8]);
void vcpu_wait(Vcpu& caller, std::uint64_t (&x)[8]);
void vcpu_park(Vcpu& caller, std::uint64_t (&x)[8]);
void machine_off(Vcpu& caller, std::uint64_t (&x)[8]);

// In a domcall: there is nothing to yield or park, waiting is a violation, and a crash ends the domcall first.
void nothing_to_do(Vcpu& caller, std::uint64_t (&x)[8]);
void wait_in_domcall(Vcpu& caller, std::uint64_t (&x)[8]);
void crash_in_domcall(Vcpu& caller, std::uint64_t (&x)[8]);

}  // namespace avz::calls
