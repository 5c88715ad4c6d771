// Entered at EL1 with the MMU off and interrupts masked: stacks, FP, page tables, MMU, .bss, then the kernel.
    .section .head.text, "ax"
    .global so3_start
so3_start:
    msr  daifset, #0xf
    msr  spsel, #1
    adrp x1, so3_interrupt_stack_top
    mov  sp, x1
    msr  spsel, #0
    adrp x1, so3_boot_stack_top
    mov  sp, x1
    mov  x29, xzr
    mov  x30, xzr
    mov  x0, #(3 << 20)             // CPACR_EL1.FPEN: no traps
    msr  cpacr_el1, x0
    adrp x0, so3_vectors
    add  x0, x0, :lo12:so3_vectors
    msr  vbar_el1, x0
    isb
    bl   arch_build_tables          // x0 = root, x1 = end of the tables
    mov  x19, x0
    mov  x20, x1
    adrp x0, so3_data_start         // what was written past the caches: .data, and the tables
    adrp x1, so3_bss_start
    add  x1, x1, :lo12:so3_bss_start
    bl   arch_forget_cached
    adrp x0, so3_memory_end
    mov  x1, x20
    bl   arch_forget_cached
    mov  x0, x19
    bl   arch_mmu_on

    adrp x0, so3_bss_start
    add  x0, x0, :lo12:so3_bss_start
    adrp x1, so3_bss_end
    add  x1, x1, :lo12:so3_bss_end
1:  cmp  x0, x1
    b.hs 2f
    stp  xzr, xzr, [x0], #16
    b    1b
2:  bl   so3_main
    b    .                          // so3_main does not return
