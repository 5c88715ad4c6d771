// The registers that stay in the CPU while avz runs, in and out, in the order of struct El1Context and FpContext.
#include "so3/avz/asm_offsets.h"
#include "so3/avz/preserved_registers.h"
#include "so3/avz/zero_pairs.h"

    .text

.macro store_pair a, b, offset
    mrs  x2, \a
    mrs  x3, \b
    stp  x2, x3, [x0, #(\offset)]
.endm
.macro load_pair a, b, offset
    ldp  x2, x3, [x0, #(\offset)]
    msr  \a, x2
    msr  \b, x3
.endm
.macro more_own_registers pair, base
    \pair sp_el1, sp_el0, \base + 16
    \pair tpidr_el0, tpidrro_el0, \base + 32
    \pair tpidr_el1, cntkctl_el1, \base + 48
    \pair cntv_cval_el0, cntv_ctl_el0, \base + 64
.endm
.macro own_registers pair, base=0
    \pair ttbr0_el1, vbar_el1, \base
    more_own_registers \pair, \base
.endm
.macro regime_registers pair
    \pair sctlr_el1, cpacr_el1, 80
    \pair tcr_el1, mair_el1, 96
    \pair ttbr1_el1, amair_el1, 112
    \pair contextidr_el1, csselr_el1, 128
    \pair afsr0_el1, afsr1_el1, 144
.endm
.macro exception_registers pair
    \pair elr_el1, spsr_el1, 160
    \pair esr_el1, far_el1, 176
.endm
.macro forget_exceptions
    .irp r, elr_el1, spsr_el1, esr_el1, far_el1, par_el1
    msr  \r, xzr
    .endr
.endm

// void save_el1(El1Context*). The timer stops: what it would do is the scheduler's from here.
    .global save_el1
save_el1:
    own_registers store_pair
    msr  cntv_ctl_el0, xzr
    regime_registers store_pair
    exception_registers store_pair
    mrs  x2, par_el1
    str  x2, [x0, #192]
    ret

// void load_el1(const El1Context*)
    .global load_el1
load_el1:
    own_registers load_pair
    regime_registers load_pair
    exception_registers load_pair
    ldr  x2, [x0, #192]
    msr  par_el1, x2
    ret

// void save_regime(El1Context*), void load_regime(const El1Context*)
    .global save_regime
save_regime:
    regime_registers store_pair
    ret
    .global load_regime
load_regime:
    regime_registers load_pair
    ret

// The short way into a domcall, in the place of a fast handler: x1..x7 are the agency's, x30 of it is on the stack.
// Everything that the domcall could see of the agency is zero or its own when it is entered.
    .global domcall_run_call
domcall_run_call:
    stp  x1, x2, [sp, #-80]!
    stp  x3, x4, [sp, #16]
    stp  x5, x6, [sp, #32]
    stp  x7, x0, [sp, #48]
    mov  x0, x1
    bl   begin_domcall
    cbz  x0, not_short             // x0 = the agency's Vcpu, x1 = DomcallContext::Entry
    mrs  x2, vbar_el1              // TTBR0_EL1 is still what the long way has stored: writing it is trapped
    str  x2, [x0, #(VCPU_EL1 + 8)]
    more_own_registers store_pair, VCPU_EL1
    msr  cntv_ctl_el0, xzr
    ldr  x30, [sp, #80]
    mrs  x2, elr_el2
    mrs  x3, spsr_el2
    preserved_registers stp, x0
    stp  x30, x2, [x0, #VCPU_X30_PC]
    str  x3, [x0, #VCPU_PSTATE]

    ldp  x2, x3, [x1]
    ldp  x4, x5, [x1, #16]
    msr  ttbr0_el1, x2
    msr  vbar_el1, x3
    msr  sp_el1, x4
    msr  elr_el2, x5
    mov  x6, #PSTATE_EL1H_MASKED
    msr  spsr_el2, x6
    .irp r, sp_el0, tpidr_el0, tpidrro_el0, tpidr_el1, cntkctl_el1, cntv_cval_el0
    msr  \r, xzr
    .endr
    forget_exceptions
    ldr  w0, [sp, #4]              // abi::Domcall
    ldp  x1, x2, [sp, #8]
    ldp  x3, x4, [sp, #24]
    ldp  x5, x6, [sp, #40]
    add  sp, sp, #112
    zero_pairs 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    eret

// And the short way out: x1..x6 are the answer.
    .global domcall_return_call
domcall_return_call:
    stp  x1, x2, [sp, #-80]!
    stp  x3, x4, [sp, #16]
    stp  x5, x6, [sp, #32]
    stp  x7, x0, [sp, #48]
    bl   finish_domcall
    cbz  x0, not_short
    own_registers load_pair, VCPU_EL1
    forget_exceptions
    ldp  x30, x2, [x0, #VCPU_X30_PC]
    ldr  x3, [x0, #VCPU_PSTATE]
    msr  elr_el2, x2
    msr  spsr_el2, x3
    preserved_registers ldp, x0
    ldp  x2, x3, [sp]
    ldp  x4, x5, [sp, #16]
    ldp  x6, x7, [sp, #32]
    add  sp, sp, #112
    zero_pairs 0, 1, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
    eret

not_short:
    ldp  x3, x4, [sp, #16]
    ldp  x5, x6, [sp, #32]
    ldp  x7, x0, [sp, #48]
    ldp  x1, x2, [sp], #80
    b    slow_call

    .arch_extension fp
    .arch_extension simd
.macro fp_registers op
    \op  q0, q1, [x0, #0]
    \op  q2, q3, [x0, #32]
    \op  q4, q5, [x0, #64]
    \op  q6, q7, [x0, #96]
    \op  q8, q9, [x0, #128]
    \op  q10, q11, [x0, #160]
    \op  q12, q13, [x0, #192]
    \op  q14, q15, [x0, #224]
    \op  q16, q17, [x0, #256]
    \op  q18, q19, [x0, #288]
    \op  q20, q21, [x0, #320]
    \op  q22, q23, [x0, #352]
    \op  q24, q25, [x0, #384]
    \op  q26, q27, [x0, #416]
    \op  q28, q29, [x0, #448]
    \op  q30, q31, [x0, #480]
.endm

// void save_fp(FpContext*), void load_fp(const FpContext*)
    .global save_fp
save_fp:
    fp_registers stp
    mrs  x2, fpcr
    mrs  x3, fpsr
    add  x0, x0, #512
    stp  x2, x3, [x0]
    ret
    .global load_fp
load_fp:
    fp_registers ldp
    add  x0, x0, #512
    ldp  x2, x3, [x0]
    msr  fpcr, x2
    msr  fpsr, x3
    ret
