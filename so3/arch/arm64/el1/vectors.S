// EL1 exception vectors. Threads run with SPSel = 0, so what they raise comes in the first four entries; handlers
// and domcalls run with SPSel = 1.
#include "so3/arch/arm64/el1/frame.h"

// Beyond repair: all registers into the one exception frame, which lies at the top of the emergency stack, and report.
// Needs no stack that works. TPIDRRO_EL0 serves as scratch: nothing runs at EL0.
    .macro fatal kind, thread
    msr  tpidrro_el0, x0
    adrp x0, so3_exception_frame
    add  x0, x0, :lo12:so3_exception_frame
    stp  x1, x2, [x0, #8]
    .if \thread
    mrs  x1, sp_el0
    .else
    mov  x1, sp
    .endif
    mov  w2, #\kind
    b    fatal_common
    .endm

    .macro entry
    .balign 128
    .endm

    .section .text.vectors, "ax"
    .balign 2048
    .global so3_vectors
so3_vectors:
    entry
    fatal FRAME_SYNC, 1
    entry
    b    irq_from_thread
    entry
    fatal FRAME_FIQ, 1
    entry
    fatal FRAME_SERROR, 1

    entry
    fatal FRAME_SYNC, 0
    entry
    fatal FRAME_IRQ, 0              // handlers run with interrupts masked
    entry
    fatal FRAME_FIQ, 0
    entry
    fatal FRAME_SERROR, 0

    .rept 8                         // nothing runs at EL0
    entry
    fatal FRAME_LOWER, 1
    .endr
    .balign 128

fatal_common:                       // x0 = frame, x1 = SP, w2 = kind
    msr  daifset, #0xf
    str  x1, [x0, #FRAME_SP]
    stp  x3, x4, [x0, #24]
    stp  x5, x6, [x0, #40]
    stp  x7, x8, [x0, #56]
    stp  x9, x10, [x0, #72]
    stp  x11, x12, [x0, #88]
    stp  x13, x14, [x0, #104]
    stp  x15, x16, [x0, #120]
    stp  x17, x18, [x0, #136]
    stp  x19, x20, [x0, #152]
    stp  x21, x22, [x0, #168]
    stp  x23, x24, [x0, #184]
    stp  x25, x26, [x0, #200]
    stp  x27, x28, [x0, #216]
    stp  x29, x30, [x0, #232]
    mrs  x1, tpidrro_el0
    str  x1, [x0]
    mrs  x1, elr_el1
    mrs  x3, spsr_el1
    stp  x1, x3, [x0, #FRAME_ELR]
    mrs  x1, esr_el1
    mrs  x3, far_el1
    stp  x1, x3, [x0, #FRAME_ESR]
    msr  spsel, #1
    mov  sp, x0
    mov  w1, w2
    mov  x29, xzr
    bl   arch_exception
    b    .                          // arch_exception does not return

// The interrupted thread's caller-saved registers go on its own stack, the handler runs on the interrupt stack.
// FP registers are saved only when another thread runs next: nothing in a handler touches them.
irq_from_thread:
    msr  spsel, #0
    stp  x29, x30, [sp, #-192]!
    stp  x0, x1, [sp, #16]
    stp  x2, x3, [sp, #32]
    stp  x4, x5, [sp, #48]
    stp  x6, x7, [sp, #64]
    stp  x8, x9, [sp, #80]
    stp  x10, x11, [sp, #96]
    stp  x12, x13, [sp, #112]
    stp  x14, x15, [sp, #128]
    stp  x16, x17, [sp, #144]
    mrs  x0, elr_el1
    mrs  x1, spsr_el1
    str  x18, [sp, #160]
    stp  x0, x1, [sp, #168]
    mov  x29, sp
    msr  spsel, #1
    bl   so3_interrupt
    msr  spsel, #0
    cbnz w0, switch_thread
return_from_irq:
    ldp  x0, x1, [sp, #168]
    ldr  x18, [sp, #160]
    msr  elr_el1, x0
    msr  spsr_el1, x1
    ldp  x16, x17, [sp, #144]
    ldp  x14, x15, [sp, #128]
    ldp  x12, x13, [sp, #112]
    ldp  x10, x11, [sp, #96]
    ldp  x8, x9, [sp, #80]
    ldp  x6, x7, [sp, #64]
    ldp  x4, x5, [sp, #48]
    ldp  x2, x3, [sp, #32]
    ldp  x0, x1, [sp, #16]
    ldp  x29, x30, [sp], #192
    eret

switch_thread:
    sub  sp, sp, #528
    stp  q0, q1, [sp, #16]
    stp  q2, q3, [sp, #48]
    stp  q4, q5, [sp, #80]
    stp  q6, q7, [sp, #112]
    stp  q8, q9, [sp, #144]
    stp  q10, q11, [sp, #176]
    stp  q12, q13, [sp, #208]
    stp  q14, q15, [sp, #240]
    stp  q16, q17, [sp, #272]
    stp  q18, q19, [sp, #304]
    stp  q20, q21, [sp, #336]
    stp  q22, q23, [sp, #368]
    stp  q24, q25, [sp, #400]
    stp  q26, q27, [sp, #432]
    stp  q28, q29, [sp, #464]
    stp  q30, q31, [sp, #496]
    mrs  x0, fpcr
    mrs  x1, fpsr
    stp  x0, x1, [sp]
    bl   so3_preempt
    ldp  x0, x1, [sp]
    msr  fpcr, x0
    msr  fpsr, x1
    ldp  q0, q1, [sp, #16]
    ldp  q2, q3, [sp, #48]
    ldp  q4, q5, [sp, #80]
    ldp  q6, q7, [sp, #112]
    ldp  q8, q9, [sp, #144]
    ldp  q10, q11, [sp, #176]
    ldp  q12, q13, [sp, #208]
    ldp  q14, q15, [sp, #240]
    ldp  q16, q17, [sp, #272]
    ldp  q18, q19, [sp, #304]
    ldp  q20, q21, [sp, #336]
    ldp  q22, q23, [sp, #368]
    ldp  q24, q25, [sp, #400]
    ldp  q26, q27, [sp, #432]
    ldp  q28, q29, [sp, #464]
    ldp  q30, q31, [sp, #496]
    add  sp, sp, #528
    b    return_from_irq
