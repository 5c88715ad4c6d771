// What the machine side of avz (boot, traps, interrupts) asks of the object side (domains and what they own).
#pragma once
#include <cstdint>

#include "so3/abi/hypercall.hpp"
#include "so3/avz/machine.hpp"
#include "so3/avz/vcpu.hpp"

namespace avz {

// At boot, on CPU 0: memory management set up, the agency created from machine.initrd and ready to be started.
// An error is a machine that cannot work: panics with the reason.
Vcpu& create_agency(const Machine& machine);

// Who touched an IPA that stage 2 does not map that way: the domain's own vCPU, which may be made to wait, or a domcall.
enum class Toucher : std::uint8_t { vcpu, domcall };
// True: mapped now, try again.
[[nodiscard]] bool handle_stage2_fault(Domain& domain, std::uint64_t ipa, bool write, bool execute,
                                       Toucher who = Toucher::vcpu);

// The domain is beyond help; the console line was written. Its vCPU may be current on this CPU.
// It becomes dead: killed with the scheduler, and what it had is freed now or when nobody uses it any more.
void domain_crashed(Domain& domain, abi::CrashReason reason);
// It was to park and had its time for that (overdue()): the same, and the console line is written here.
void end_overdue(Domain& domain);

// A device's interrupt fired; its line is masked until interrupt_enable().
void device_interrupt(std::uint32_t id);

}  // namespace avz
