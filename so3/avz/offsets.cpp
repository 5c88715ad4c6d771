// What asm_offsets.h says, held against the types.
#include <cstddef>

#include "so3/arch/arm64/el2.hpp"
#include "so3/avz/asm_offsets.h"
#include "so3/avz/cpu.hpp"
#include "so3/avz/hypercall.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/plat/qemu_virt/board.hpp"

namespace avz {

static_assert(offsetof(Vcpu, x) == 0 && offsetof(Vcpu, x[30]) == VCPU_X30_PC);
static_assert(offsetof(Vcpu, pc) == VCPU_X30_PC + 8 && offsetof(Vcpu, pstate) == VCPU_PSTATE);
#pragma GCC diagnostic ignored "-Winvalid-offsetof"  // no virtual bases: the offsets are fixed
static_assert(offsetof(Cpu, current) == CPU_CURRENT && offsetof(Cpu, calls) == CPU_CALLS);
static_assert(offsetof(Cpu, zeros) == CPU_ZEROS && max_cpus == MAX_CPUS && sizeof(Cpu) <= CPU_BYTES);
static_assert(offsetof(CallTable, fast) == 0, "the vector indexes it");
static_assert(arch::hcr::vi == HCR_VI && abi::hypercall_base == HYPERCALL_BASE && abi::call_count == HYPERCALL_COUNT);
static_assert(static_cast<std::uint32_t>(abi::Call::vcpu_wait) == HYPERCALL_WAIT);
static_assert(events_came == 0 && not_dozing == 0u - 1, "vectors.S");
static_assert(plat::board.gic_cpu_interface == 0x0801'0000 && plat::board.uart == 0x0900'0000, "vectors.S, boot.S");

// context.S
static_assert(offsetof(Vcpu, el1) == VCPU_EL1);
static_assert(offsetof(El1Context, vbar) == 8 && offsetof(El1Context, sp_el0) == 24 &&
              offsetof(El1Context, tpidr_el1) == 48);
static_assert(offsetof(El1Context, cntv_ctl) == 72 && offsetof(El1Context, sctlr) == 80 &&
              offsetof(El1Context, ttbr1) == 112);
static_assert(offsetof(El1Context, afsr1) == 152 && offsetof(El1Context, elr) == 160 &&
              offsetof(El1Context, par) == 192);
static_assert(arch::pstate::el1h_masked == PSTATE_EL1H_MASKED);
static_assert(offsetof(FpContext, fpcr) == 512 && sizeof(FpContext) == 528);

}  // namespace avz
