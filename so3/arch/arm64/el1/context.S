// Switch of threads, entry of a new one, and a call on the interrupt stack. See context.hpp.
    .text

    .global arch_switch_context
    .type arch_switch_context, %function
arch_switch_context:                // x0 = from, x1 = to
    stp  x29, x30, [sp, #-160]!
    mov  x29, sp
    stp  x19, x20, [sp, #16]
    stp  x21, x22, [sp, #32]
    stp  x23, x24, [sp, #48]
    stp  x25, x26, [sp, #64]
    stp  x27, x28, [sp, #80]
    stp  d8, d9, [sp, #96]
    stp  d10, d11, [sp, #112]
    stp  d12, d13, [sp, #128]
    stp  d14, d15, [sp, #144]
    mov  x2, sp
    mrs  x3, tpidr_el0
    stp  x2, x3, [x0, #48]          // Context in so3_thread
    ldp  x2, x3, [x1, #48]
    mov  sp, x2
    msr  tpidr_el0, x3
    msr  tpidr_el1, x1
    ldp  x19, x20, [sp, #16]
    ldp  x21, x22, [sp, #32]
    ldp  x23, x24, [sp, #48]
    ldp  x25, x26, [sp, #64]
    ldp  x27, x28, [sp, #80]
    ldp  d8, d9, [sp, #96]
    ldp  d10, d11, [sp, #112]
    ldp  d12, d13, [sp, #128]
    ldp  d14, d15, [sp, #144]
    ldp  x29, x30, [sp], #160
    ret
    .size arch_switch_context, . - arch_switch_context

    .global arch_on_interrupt_stack
    .type arch_on_interrupt_stack, %function
arch_on_interrupt_stack:            // x0 = function
    stp  x29, x30, [sp, #-16]!
    mov  x29, sp
    msr  spsel, #1
    blr  x0
    msr  spsel, #0
    ldp  x29, x30, [sp], #16
    ret
    .size arch_on_interrupt_stack, . - arch_on_interrupt_stack
