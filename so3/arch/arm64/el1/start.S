// Entered at EL1 with the MMU off and interrupts masked: stacks, FP, page tables, MMU, .bss, then the kernel.
// From where it is in the file to its pages; from its end, as the two may overlap.
    .macro move_up load, start, end
    adrp x0, \load
    add  x0, x0, :lo12:\load
    adrp x1, \start
    adrp x2, \end
    add  x2, x2, :lo12:\end
    sub  x3, x2, x1
    add  x0, x0, x3
1:  cmp  x2, x1
    b.ls 2f
    ldp  x4, x5, [x0, #-16]!
    stp  x4, x5, [x2, #-16]!
    b    1b
2:
    .endm

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
    move_up so3_data_load, so3_data_start, so3_data_end
    move_up so3_rodata_load, so3_rodata_start, so3_constants_end
    bl   arch_build_tables          // x0 = root, x1 = end of the tables
    mov  x19, x0
    mov  x20, x1
    adrp x0, so3_rodata_start       // what was written past the caches: this, and the tables
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
