// Where avz enters for a domcall: EL1h, interrupts masked, SP = so3_domcall_stack_top or, when another domcall of this ME
// is set aside, below what that one uses; x0..x6 = abi::Domcall and payload, the others zero. It stays on SP_EL1: the
// report of an overflow needs no stack (vectors.S), and avz finds there where the next domcall may begin.
    .text
    .global arch_domcall_entry
    .type arch_domcall_entry, %function
arch_domcall_entry:
    adrp x10, domcall_tpidr_el0
    ldr  x10, [x10, :lo12:domcall_tpidr_el0]
    adrp x11, so3_domcall_thread
    add  x11, x11, :lo12:so3_domcall_thread
    msr  tpidr_el0, x10
    msr  tpidr_el1, x11
    bl   so3_domcall
    b    .                          // so3_domcall ends with domcall_return
    .size arch_domcall_entry, . - arch_domcall_entry
