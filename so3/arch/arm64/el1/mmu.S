// Turns on the MMU and the caches. x0 = root of the translation tables. The code runs where VA = IPA.
    .text
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
