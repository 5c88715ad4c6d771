// A virtual CPU: everything that makes one domain's CPU different from another's. A domain has exactly one.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "so3/abi/hypercall.hpp"
#include "so3/abi/shared_page.hpp"
#include "so3/arch/arm64/el2.hpp"

namespace avz {

struct CallTable;
struct Domain;
struct Cpu;
struct DomcallContext;

// Registers of EL1 and EL0 that stay in the CPU while avz runs, and change hands with it. Order as in context.S.
struct El1Context {
  std::uint64_t ttbr0, vbar, sp_el1, sp_el0, tpidr_el0, tpidrro_el0, tpidr_el1, cntkctl, cntv_cval, cntv_ctl;
  // The regime: what one image sets up once. Its access can be trapped.
  std::uint64_t sctlr, cpacr, tcr, mair, ttbr1, amair, contextidr, csselr, afsr0, afsr1;
  // Left behind by exceptions and address translations.
  std::uint64_t elr, spsr, esr, far, par;
  std::uint64_t pad;
};

struct FpContext {
  alignas(16) std::uint8_t v[32][16];
  std::uint64_t fpcr, fpsr;
};

// What the scheduler knows. Holds are apart: a held vCPU keeps its place in this table but is not chosen.
enum class Run : std::uint32_t {
  off,      // not started, or killed
  ready,    // wants the CPU
  running,  // has it
  waiting,  // until its selector is non-zero or its timer fires
  dozing,   // waiting, with nobody else on its CPU, which stays in its state and looks at the selector itself
  lent,     // dozing, and held for a domcall
  stalled,  // a write of it waits until the reader of its snapshot makes room
};

// How a domcall reaches this domain, published by domcall_register: where to enter, and the EL1 regime
// (translation, vectors) that was in force when it was published.
// A domcall starts from that; what it changes is gone when it ends.
struct DomcallEntry {
  El1Context start;  // sp_el1: the top of the domcall's stack; what only the ME's own code needs is zero
  std::uint64_t entry;
};

// What EL1 may not do by itself: HCR_EL2 but for VI, and CPTR_EL2.
struct Traps {
  std::uint64_t hcr = arch::hcr::domain, cptr = arch::cptr::domain;
};

struct Vcpu {
  std::uint64_t x[31];
  std::uint64_t pc;
  std::uint64_t pstate;
  std::uint64_t pad;

  El1Context el1;  // valid while the vCPU is not the one loaded on its CPU
  FpContext fp;    // the same

  // Constant from init() on, but for the VTTBR, which changes on the vCPU's CPU, while it is saved.
  Domain* domain = nullptr;
  abi::SharedPage* shared = nullptr;
  const CallTable* calls = nullptr;
  std::uint32_t slot = 0;
  std::uint64_t vttbr = 0;
  Traps traps;  // of the agency and of domcalls; the others keep these
  std::uint64_t vmpidr = 0;
  std::uint64_t cntvoff = 0;
  Cpu* cpu = nullptr;
  std::uint64_t doorbell = 0;  // plat::gic::Doorbell of that CPU, for events

  // Guarded by the run queue's lock of `cpu`; but a dozing vCPU is woken by its own CPU and lent by the agency's
  // without it. Selector and `run` are read and written in one total order: whoever sets one looks at the other next.
  std::atomic<Run> run{Run::off};
  std::uint8_t holds = 0;  // by stop(): while not 0 it is not chosen
  bool parked = false;  // one of the holds is the vCPU's own, for the stop() that asked it to park
  bool park_wanted = false;
  std::uint64_t park_asked_at = 0;  // counter value
  Vcpu* next_ready = nullptr;
  Vcpu* next_member = nullptr;

  void (*work)(Vcpu&) = nullptr;  // of with_registers()

  bool looks_itself = false;  // woken from vcpu_wait: it looks at its events without being interrupted

  DomcallEntry domcall = {};
  bool domcall_registered = false;
  DomcallContext* innermost_domcall = nullptr;
  DomcallContext* domcall_context = nullptr;  // made for this ME, free while innermost_domcall is nullptr
};

// A vCPU that has not run yet: EL1 in its reset state (MMU off), registers zero, FP zero.
// `shared` is the kernel's address of the domain's shared page. The CPU comes with claim_cpu().
void init(Vcpu& vcpu, Domain& domain, std::uint32_t slot, abi::SharedPage& shared, std::uint64_t vttbr);

}  // namespace avz
