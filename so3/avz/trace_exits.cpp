#include "so3/avz/trace_exits.hpp"

#include "so3/avz/domcall.hpp"
#include "so3/avz/exits.hpp"
#include "so3/avz/interrupt_exit.hpp"
#include "so3/avz/trace.hpp"

namespace avz {

using abi::Call;
using abi::trace::Kind;

namespace {

// Who had the CPU when it came here. The Vcpu may be gone when the handler returns.
struct Interrupted {
  const Vcpu* vcpu;
  std::uint32_t slot;
  bool in_domcall;
};

Interrupted who_runs(const Vcpu& v) { return {&v, v.slot, is_domcall(v)}; }

void note_answer(std::uint32_t slot, std::uint64_t number, const Vcpu& v) {
  trace(Kind::call_done, slot, static_cast<std::uint32_t>(number), v.x[0], v.x[1]);
}

// A domcall began or ended: the agency's CPU has another Vcpu than before. Its own call is answered with the end.
void note_domcall(const Cpu& self, const Interrupted& before, std::uint64_t domcall) {
  const bool in_domcall = self.current != nullptr && is_domcall(*self.current);
  if (in_domcall && !before.in_domcall)
    trace(Kind::domcall_begin, self.current->slot, static_cast<std::uint32_t>(domcall));
  if (in_domcall || !before.in_domcall || self.current == nullptr) return;
  const Vcpu& agency = *self.current;
  trace(Kind::domcall_end, before.slot, static_cast<std::uint32_t>(agency.x[1]), agency.x[2], agency.x[1] >> 32);
  note_answer(agency.slot, static_cast<std::uint64_t>(Call::domcall_run), agency);
}

void leave(Cpu& self, const Interrupted& before) {
  if (!has_left(self)) return;
  trace(Kind::vcpu_out, before.in_domcall ? abi::agency_domain : before.slot, 0);
  traced_schedule(self);
  trace(Kind::vcpu_in, self.current->slot, 0);
}

}  // namespace

Answer traced_fast_call(std::uint64_t id, std::uint64_t x1, std::uint64_t x2, std::uint64_t x3, std::uint64_t x4) {
  const Cpu& self = this_cpu();
  const auto number = static_cast<std::uint32_t>(id) - abi::hypercall_base;
  const std::uint32_t slot = self.current->slot;
  trace(Kind::call, slot, number, x1, x2);
  const Answer answer = self.calls->silent->fast[number](id, x1, x2, x3, x4);
  trace(Kind::call_done, slot, number, static_cast<std::uint64_t>(answer.status()), answer.value());
  return answer;
}

Answer traced_thread_switch(std::uint64_t, std::uint64_t thread, std::uint64_t name0, std::uint64_t name1,
                            std::uint64_t) {
  trace(Kind::thread, this_cpu().current->slot, static_cast<std::uint32_t>(thread), name0, name1);
  return {abi::Status::ok};
}

void note_interrupt(Cpu& self, plat::gic::Interrupt interrupt) {
  if (!interrupt.spurious()) trace(Kind::interrupt, self.current != nullptr ? self.current->slot : 0, interrupt.id());
}

extern "C" {  // vectors.S

void traced_exit_call(Vcpu& v) {
  Cpu& self = this_cpu();
  const Interrupted before = who_runs(v);
  const std::uint64_t number = static_cast<std::uint32_t>(v.x[0]) - abi::hypercall_base, domcall = v.x[1] >> 32;
  trace(Kind::call, before.slot, static_cast<std::uint32_t>(number), v.x[1], v.x[2]);
  handle_call(v);
  if (self.current == before.vcpu) note_answer(before.slot, number, v);
  note_domcall(self, before, domcall);
  leave(self, before);
}

void traced_exit_sync(Vcpu& v) {
  Cpu& self = this_cpu();
  const Interrupted before = who_runs(v);
  handle_synchronous(self, v);
  note_domcall(self, before, 0);
  leave(self, before);
}

void traced_exit_irq(Vcpu& v, std::uint32_t raw) {
  Cpu& self = this_cpu();
  const Interrupted before = who_runs(v);
  const plat::gic::Interrupt interrupt{raw};
  note_interrupt(self, interrupt);
  handle_interrupt(self, interrupt);
  note_domcall(self, before, 0);
  leave(self, before);
}
}

}  // namespace avz
