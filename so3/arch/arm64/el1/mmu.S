// Turns on the MMU and the caches. x0 = root of the translation tables. The code runs where VA = IPA.
    .text
// Memory written while the caches were off, x0 to x1: lines of it that were fetched before hold what was there (Arm ARM
// D7.5). Under stage 2 an invalidation also cleans, which does no harm: avz left no dirty line of it.
    .global arch_forget_cached
    .type arch_forget_cached, %function
arch_forget_cached:
    mrs  x2, ctr_el0
    ubfx x2, x2, #16, #4
    mov  x3, #4
    lsl  x2, x3, x2                 // bytes of the shortest line
    neg  x3, x2
    and  x0, x0, x3
1:  dc   ivac, x0
    add  x0, x0, x2
    cmp  x0, x1
    b.lo 1b
    dsb  sy
    ret
    .size arch_forget_cached, . - arch_forget_cached

    .global arch_mmu_on
    .type arch_mmu_on, %function
arch_mmu_on:
    ldr  x1, =0xff04                // MAIR_EL1: 0 = Device-nGnRE, 1 = Normal write-back
    msr  mair_el1, x1
    ldr  x1, =0x200803519           // TCR_EL1: 39-bit VA (T0SZ 25), WB WA inner shareable walks, 4 KB, TTBR1 off, 40-bit PA
    msr  tcr_el1, x1
    msr  ttbr0_el1, x0
    isb
    tlbi vmalle1
    dsb  nsh
    ic   iallu
    dsb  nsh
    isb
    ldr  x1, =0x30d8180d            // SCTLR_EL1: RES1, M C SA I, WXN
    msr  sctlr_el1, x1
    isb
    ret
    .size arch_mmu_on, . - arch_mmu_on
