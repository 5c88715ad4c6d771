// Which vCPU runs on which CPU. Every CPU has its own queue; a vCPU never moves between CPUs.
//
// None of these may be called with a lock held that a trap handler takes: stop() and kill() wait for
// another CPU to answer. Interrupts are masked in avz throughout.
#pragma once
#include <atomic>
#include <cstdint>

#include "so3/abi/status.hpp"
#include "so3/avz/vcpu.hpp"

namespace avz {

// Its selector is not 0.
inline bool has_events(const Vcpu& vcpu) { return std::atomic_ref{vcpu.shared->selector}.load() != 0; }

// Gives the vCPU its place on a CPU. busy: an exclusive vCPU is there already, or `exclusive` was asked and
// somebody is; bad_argument: no such CPU, or CPU 0 for an ME. release_cpu() after kill(), once.
[[nodiscard]] abi::Status claim_cpu(Vcpu& vcpu, std::uint32_t cpu, bool exclusive);
void release_cpu(Vcpu& vcpu);

// From off: runs from vcpu.pc at EL1h, x[] and pstate as set up.
void start(Vcpu& vcpu);
// The same, but it is held: until resume().
void start_held(Vcpu& vcpu);

// True: the vCPU is held at a safe point and will not run until resume(). False: it was asked to park
// (shared.stop_requested) and will; ask again. A vCPU that is off is not stopped: false.
// Stops add up: each needs its resume().
[[nodiscard]] bool stop(Vcpu& vcpu);
void resume(Vcpu& vcpu);
// Who was told to ask again will not: what stop() asked for is taken back. False: there is nothing of that.
bool withdraw_stop(Vcpu& vcpu);
// The same for one that dozes, without its queue's lock. False: it does not, or no longer; then stop() or resume() it.
[[nodiscard]] inline bool lend(Vcpu& vcpu) {
  Run was = Run::dozing;
  return vcpu.run.compare_exchange_strong(was, Run::lent);
}
void ring(Vcpu& vcpu);  // its CPU looks at its selector
[[nodiscard]] inline bool take_back(Vcpu& vcpu) {
  Run was = Run::lent;
  if (!vcpu.run.compare_exchange_strong(was, Run::dozing)) return false;
  if (has_events(vcpu)) ring(vcpu);
  return true;
}
// Asked to park more than a second ago, and has not: it is to be killed (CrashReason::not_stopping).
bool overdue(const Vcpu& vcpu);

// Of a vCPU that is held: runs work() on its CPU with all of its registers in the Vcpu, and with what work() makes of its
// VTTBR in force then.
void with_registers(Vcpu& vcpu, void (*work)(Vcpu&));
// From now on under the VTTBR of its domain's memory, wherever it is; on return no CPU uses the one it had.
void renew_vttbr(Vcpu& vcpu);
// It cannot go on with what it was doing, not even from a safe point, until unstall(). Any lock but the queue's may be
// held. For traps of the vCPU that is current on this CPU.
void stall(Vcpu& vcpu);
void unstall(Vcpu& vcpu);

// Off, from any state. On return it runs nowhere, unless it is current on this CPU: then the exit that
// is under way will not return to it.
void kill(Vcpu& vcpu);

// Its selector went from 0 to non-zero: interrupt it, or wake it. Callable from fast calls.
void notify(Vcpu& vcpu);

// ---- for the traps of the vCPU that is current on this CPU: it is left when the trap ends, not here

// Until it has events. With vcpu.looks_itself set it is not interrupted for those that end this wait.
void block(Vcpu& vcpu);
// The same without leaving the vCPU's state, when nobody else is on its CPU and no domcall waits for it: returns
// events_came, not_dozing (block() it), or an interrupt that is something else than events.
inline constexpr std::uint32_t events_came = 0, not_dozing = ~std::uint32_t{0};
std::uint32_t doze(Cpu& self, Vcpu& vcpu);
// It waits as those do that are blocked; nobody is current.
void stop_dozing(Cpu& self, Vcpu& vcpu);
// Held by itself, if it was asked to.
void park(Vcpu& vcpu);
void yield(Vcpu& vcpu);
// Others want this CPU, too: who runs has it until the slice ends.
void begin_slice(Cpu& self);
// Makes somebody current; waits here until there is one.
void schedule(Cpu& self);

}  // namespace avz
