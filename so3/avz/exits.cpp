// Traps of domains that the vectors do not handle by themselves. The domain's registers are in the Vcpu; what is
// current when a handler returns is where the CPU goes.
#include "so3/avz/exits.hpp"
#include "so3/arch/arm64/el2.hpp"
#include "so3/arch/arm64/registers.hpp"
#include "so3/avz/domain.hpp"
#include "so3/avz/domcall.hpp"
#include "so3/avz/hypercall.hpp"
#include "so3/avz/interrupt_exit.hpp"
#include "so3/avz/objects.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/violation.hpp"
#include "so3/avz/words.hpp"

namespace avz {
namespace {

// Who this hypervisor is, for guests that ask the SMCCC way: 5a1b0c56-9c0e-4e0f-8a55-6d2e736f6f33.
constexpr std::uint32_t uuid[4] = {0x560c'1b5a, 0x0f4e'0e9c, 0x2e6d'558a, 0x336f'6f73};

// Where a handler reads its arguments and answers.
std::uint64_t (&call_registers(Vcpu& v))[8] { return reinterpret_cast<std::uint64_t(&)[8]>(v.x); }

// A call that is in nobody's table.
void unknown_call(Vcpu& v) {
  auto& x = call_registers(v);
  clear_words<10>(&v.x[8]);
  if (static_cast<std::uint32_t>(x[0]) == abi::call_uid) answer(x, abi::Status{uuid[0]}, uuid[1], uuid[2], uuid[3]);
  else answer(x, abi::Status::not_supported);
}

// The IPA of a stage-2 fault. HPFAR_EL2 has it except for permission faults of the access itself, where the address
// must be translated anew; nullopt: stage 1 has changed meanwhile, the domain just tries again.
struct FaultAddress {
  std::uint64_t ipa;
  bool known;
};
FaultAddress faulting_ipa(arch::Esr esr) {
  const auto far = read_register(far_el2);
  if (!esr.permission_fault() || esr.walk_of_stage1()) return {arch::fault_ipa(read_register(hpfar_el2), far), true};
  const auto par = read_register(par_el1);
  asm volatile("at s1e1r, %0" : : "r"(far) : "memory");
  arch::isb();
  const auto translated = read_register(par_el1);
  write_register(par_el1, par);
  return {(translated & 0xf'ffff'ffff'f000) | (far & 0xfff), (translated & 1) == 0};
}

void stage2_fault(Vcpu& v, arch::Esr esr, bool execute) {
  const auto [ipa, known] = faulting_ipa(esr);
  if (!known) return;
  const bool expected = esr.translation_fault() || esr.permission_fault();
  // A walk reads: if it may not, it was to update a descriptor.
  const bool walk = esr.walk_of_stage1();
  const bool write = walk ? esr.permission_fault() : !execute && esr.write();
  const Toucher who = &v == &v.domain->vcpu ? Toucher::vcpu : Toucher::domcall;
  if (expected && handle_stage2_fault(*v.domain, ipa, write, execute && !walk, who)) return;
  violation(v, abi::CrashReason::memory, execute ? "fetch from" : write ? "write to" : "read of", ipa);
}

}  // namespace

void handle_synchronous(Cpu& self, Vcpu& v) {
  const arch::Esr esr{read_register(esr_el2)};
  using enum arch::ExceptionClass;
  switch (esr.exception_class()) {
    case hvc:
      if (esr.hvc_immediate() == 0) return unknown_call(v);
      v.x[0] = static_cast<std::uint64_t>(abi::Status::not_supported);
      return;
    case wfx:
      v.pc += 4;
      if (is_domcall(v)) return violation(v, abi::CrashReason::blocked_in_domcall, "wfi", 0);
      return block(v);
    case fp: return domcall_uses_fp(self);
    case instruction_abort: return stage2_fault(v, esr, true);
    case data_abort: return stage2_fault(v, esr, false);
    case smc: return violation(v, abi::CrashReason::instruction, "smc, syndrome", esr.raw);
    case system_register:
      if (uses_regime(v)) return;
      return violation(v, abi::CrashReason::instruction, "system register, syndrome", esr.raw);
  }
  violation(v, abi::CrashReason::instruction, "syndrome", esr.raw);
}

namespace {

void leave(Cpu& self) {
  if (has_left(self)) schedule(self);
}

}  // namespace

void handle_call(Vcpu& v) {
  clear_words<10>(&v.x[8]);
  const auto number = static_cast<std::uint32_t>(v.x[0]) - abi::hypercall_base;
  v.calls->slow[number](v, call_registers(v));
}

extern "C" {

void exit_call(Vcpu& v) {
  Cpu& self = this_cpu();
  handle_call(v);
  leave(self);
}

// vcpu_wait, from the vector with no more saved than the convention of C asks.
std::uint32_t doze_until_events() {
  Cpu& self = this_cpu();
  return doze(self, *self.current);
}

// An interrupt ended that, and may lead to another vCPU.
void exit_doze(Vcpu& v, std::uint32_t raw) {
  Cpu& self = this_cpu();
  clear_words<18>(v.x);
  stop_dozing(self, v);
  handle_interrupt(self, plat::gic::Interrupt{raw});
  schedule(self);
}

void exit_sync(Vcpu& v) {
  Cpu& self = this_cpu();
  handle_synchronous(self, v);
  leave(self);
}

void exit_irq(Vcpu&, std::uint32_t raw) {
  Cpu& self = this_cpu();
  handle_interrupt(self, plat::gic::Interrupt{raw});
  leave(self);
}

// An external abort: with no device in a capsule, of the agency, or of a machine that is broken.
void exit_serror(Vcpu& v) {
  Cpu& self = this_cpu();
  violation(v, abi::CrashReason::instruction, "SError, syndrome", read_register(esr_el2));
  leave(self);
}
}

}  // namespace avz
