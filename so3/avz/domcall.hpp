// Domcalls: the agency's CPU runs a function of an ME, in the ME's address space, while the ME's own vCPU is held.
//
// A domcall has a Vcpu of its own, entered in place of the agency's, with registers that hold nothing but the
// arguments; it ends by domcall_return, by a fault, by running out of budget, or is set aside by domcall_request
// until the agency resumes it. Several may be set aside, in one ME or in many: a domcall may lead to another.
#pragma once
#include "so3/avz/cpu.hpp"
#include "so3/avz/hypercall.hpp"

namespace avz {

bool is_domcall(const Vcpu& vcpu);

// The domcall that is current on this CPU is over; the agency is current and has the outcome.
void end_domcall(Vcpu& domcall, abi::Outcome outcome, abi::CrashReason reason);
void domcall_over_budget(Cpu& self);
// FP is the agency's until a domcall touches it.
void domcall_uses_fp(Cpu& self);
// Agency or domcall want to see or change what the short way (domcall_short_way.cpp) takes for the same in both. False: nothing
// of that is trapped, so it was something else.
bool uses_regime(Vcpu& vcpu);
// Those that are set aside go on with the tables that trace, or with those that do not.
void switch_domcalls(bool traced);
// The ME is destroyed: what it has set aside goes with it.
void forget_domcalls(Domain& domain);

namespace calls {
void domcall_register(Vcpu& caller, std::uint64_t (&x)[8]);
void domcall_run(Vcpu& caller, std::uint64_t (&x)[8]);
void domcall_return(Vcpu& caller, std::uint64_t (&x)[8]);
void domcall_request(Vcpu& caller, std::uint64_t (&x)[8]);
void set_state_in_domcall(Vcpu& caller, std::uint64_t (&x)[8]);
}  // namespace calls

}  // namespace avz
