// Exceptions to EL2. Two vector tables, one per interrupt controller, and the same again for CPUs that trace, so that
// nothing is tested on the way.
//
// While a domain runs, SP_EL2 is the CPU's block, which its stack lies below, and interrupts are masked in avz
// throughout, so what is stored below SP here stays. x16 and x17 are free once they are stored there.
#include "so3/avz/asm_offsets.h"
#include "so3/avz/preserved_registers.h"
#include "so3/avz/zero_pairs.h"

    .section .text.vectors, "ax"

// Back from a fast call whose x0 and x1 are the answer.
.macro return_from_call
    ldr  x30, [sp], #32
    zero_pairs 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
    eret
.endm

.macro save_x16_x17
    stp  x16, x17, [sp, #-16]
.endm

// All registers of the domain into its Vcpu; x0 = Vcpu then.
.macro save_domain
    ldr  x16, [sp, #CPU_CURRENT]
    stp  x0, x1, [x16, #0]
    stp  x2, x3, [x16, #16]
    stp  x4, x5, [x16, #32]
    stp  x6, x7, [x16, #48]
    stp  x8, x9, [x16, #64]
    stp  x10, x11, [x16, #80]
    stp  x12, x13, [x16, #96]
    stp  x14, x15, [x16, #112]
    ldp  x0, x1, [sp, #-16]
    stp  x0, x1, [x16, #128]
    preserved_registers stp, x16
    mrs  x1, elr_el2
    mrs  x2, spsr_el2
    stp  x30, x1, [x16, #VCPU_X30_PC]
    str  x2, [x16, #VCPU_PSTATE]
    mov  x0, x16
.endm

.macro fatal kind
    .balign 128
    msr  tpidr_el1, x0             // a domain's, but there is no way back
    mov  x0, #\kind
    b    fatal_trap
.endm

.macro vectors gic, traced=
    .balign 2048
    .global \traced\()vectors_\gic
\traced\()vectors_\gic:
    fatal 0
    fatal 1
    fatal 2
    fatal 3
    fatal 4
    fatal 5
    fatal 6
    fatal 7

    .balign 128                    // ---- domain, synchronous
    save_x16_x17
    mrs  x16, esr_el2
    mov  w17, #0x5a000000          // HVC from AArch64, IL
    sub  w16, w16, w17             // its immediate then; anything else is far away
    cbnz w16, \traced\()not_a_call
    mov  w17, #HYPERCALL_BASE
    sub  w17, w0, w17
    cmp  w17, #HYPERCALL_COUNT
    b.hs \traced\()slow_sync
    ldr  x16, [sp, #CPU_CALLS]
    ldr  x16, [x16, x17, lsl #3]
    str  x30, [sp, #-32]!
    blr  x16                       // Answer f(x0..x4)
    return_from_call

    .balign 128                    // ---- domain, interrupt
    save_x16_x17
.ifc \gic,gicv3
    mrs  x16, S3_0_C12_C12_0       // ICC_IAR1_EL1
  .ifb \traced
    cbnz w16, slow_irq             // SGI 0: events for the vCPU that runs here
    msr  S3_0_C12_C12_1, x16       // ICC_EOIR1_EL1
  .endif
.else
    mov  w17, #0x08010000          // board.gic_cpu_interface
    ldr  w16, [x17, #0xc]          // GICC_IAR, sending CPU in 12:10
  .ifb \traced
    tst  w16, #0x3ff
    b.ne slow_irq
    str  w16, [x17, #0x10]         // GICC_EOIR
  .endif
.endif
.ifnb \traced
    b    \traced\()slow_irq
.else
    mrs  x16, hcr_el2
    orr  x16, x16, #HCR_VI
    msr  hcr_el2, x16
    ldp  x16, x17, [sp, #-16]
    eret
.endif

    .balign 128                    // ---- domain, fast interrupt: none is configured
    save_x16_x17
    b    slow_serror
    .balign 128                    // ---- domain, SError
    save_x16_x17
    b    slow_serror
    .balign 128                    // ---- AArch32 is not enabled
    b    slow_aarch32
    .balign 128
    b    slow_aarch32
    .balign 128
    b    slow_aarch32
    .balign 128
    b    slow_aarch32
.endm

    vectors gicv2
    vectors gicv3
    vectors gicv2, traced_
    vectors gicv3, traced_

.macro exits traced=
    .balign 128
\traced\()not_a_call:
    cmp  w16, #1                   // hvc #1: acknowledge the virtual interrupt
    b.ne \traced\()slow_sync
    mrs  x16, hcr_el2
    and  x16, x16, #~HCR_VI
    msr  hcr_el2, x16
    eret

// In the place of a fast handler: the call is a slow one.
    .global \traced\()slow_call
\traced\()slow_call:
    ldr  x30, [sp], #32
    save_domain
    bl   \traced\()exit_call
    b    enter_domain

\traced\()slow_sync:
    save_domain
    bl   \traced\()exit_sync
    b    enter_domain

\traced\()slow_irq:
    str  w16, [sp, #-24]
    save_domain
    ldr  w1, [sp, #-24]
    bl   \traced\()exit_irq
    b    enter_domain
.endm

    exits
    exits traced_

// The fast handler of vcpu_wait.
    .global wait_call
wait_call:
    bl   doze_until_events
    cbnz w0, 1f                    // events_came, which is Status::ok
    mov  x1, #0
    return_from_call
1:  ldr  x30, [sp], #32
    cmn  w0, #1                    // not_dozing
    b.eq 2f
    str  w0, [sp, #-24]
    save_domain
    ldr  w1, [sp, #-24]
    bl   exit_doze
    b    enter_domain
2:  mov  w0, #HYPERCALL_BASE
    add  w0, w0, #HYPERCALL_WAIT
    save_domain
    bl   exit_call
    b    enter_domain

slow_aarch32:
    save_x16_x17
slow_serror:
    save_domain
    bl   exit_serror

// Back to whichever vCPU is current now.
    .global enter_domain
enter_domain:
    ldr  x0, [sp, #CPU_CURRENT]
    ldp  x30, x1, [x0, #VCPU_X30_PC]
    ldr  x2, [x0, #VCPU_PSTATE]
    msr  elr_el2, x1
    msr  spsr_el2, x2
    ldp  x2, x3, [x0, #16]
    ldp  x4, x5, [x0, #32]
    ldp  x6, x7, [x0, #48]
    ldp  x8, x9, [x0, #64]
    ldp  x10, x11, [x0, #80]
    ldp  x12, x13, [x0, #96]
    ldp  x14, x15, [x0, #112]
    ldp  x16, x17, [x0, #128]
    preserved_registers ldp, x0
    ldp  x0, x1, [x0]
    eret
    dsb  nsh                       // no speculation past eret
    isb

// avz itself trapped. x0 = vector, x0 of the time in tpidr_el1. The stack may be what is broken: take another.
fatal_trap:
    msr  tpidr_el0, x1
    mov  x1, sp
    msr  sp_el1, x1
    ldr  x1, =(fatal_stack + 4096)
    mov  sp, x1
    sub  sp, sp, #256
    stp  x2, x3, [sp, #16]
    stp  x4, x5, [sp, #32]
    stp  x6, x7, [sp, #48]
    stp  x8, x9, [sp, #64]
    stp  x10, x11, [sp, #80]
    stp  x12, x13, [sp, #96]
    stp  x14, x15, [sp, #112]
    stp  x16, x17, [sp, #128]
    stp  x18, x19, [sp, #144]
    stp  x20, x21, [sp, #160]
    stp  x22, x23, [sp, #176]
    stp  x24, x25, [sp, #192]
    stp  x26, x27, [sp, #208]
    stp  x28, x29, [sp, #224]
    str  x30, [sp, #240]
    mrs  x2, tpidr_el1
    mrs  x3, tpidr_el0
    stp  x2, x3, [sp, #0]
    mov  x1, sp
    bl   report_fatal_trap
