// Entry of both kinds of CPU: the first, as the boot loader or emulator left it, and those that PSCI starts.
#include "so3/avz/asm_offsets.h"

    .section .head, "ax"
// Image header (Linux Documentation/arch/arm64/booting.rst); x0 = device tree.
    .global _start
_start:
    b    first_cpu
    .word 0
    .quad 0                        // text offset
    .quad image_end - _start
    .quad 0xa                      // little-endian, 4 KB pages, anywhere in memory
    .quad 0, 0, 0
    .ascii "ARM\x64"
    .word 0

    .text
first_cpu:
    mrs  x1, CurrentEL
    cmp  x1, #(2 << 2)
    b.ne wrong_exception_level
    mov  x19, x0
    adrp x1, boot_stacks
    add  x1, x1, #STACK_BYTES
    sub  x1, x1, #CPU_BYTES
    mov  sp, x1

    ldr  x0, =tables_start         // page tables: written with the MMU off, so no cached copy may linger
    ldr  x1, =tables_end
1:  dc   ivac, x0
    stp  xzr, xzr, [x0], #16
    stp  xzr, xzr, [x0], #16
    stp  xzr, xzr, [x0], #16
    stp  xzr, xzr, [x0], #16
    cmp  x0, x1
    b.lo 1b
    dsb  sy
    mov  x0, x19
    bl   map_early
    bl   enable_mmu

    ldr  x0, =bss_start
    ldr  x1, =bss_end
    mrs  x2, dczid_el0
    mov  x3, #4
    and  x2, x2, #0xf
    lsl  x3, x3, x2                // bytes that dc zva clears
2:  add  x4, x0, x3
    cmp  x4, x1
    b.hi 3f
    dc   zva, x0
    mov  x0, x4
    b    2b
3:  cmp  x0, x1
    b.hs 4f
    str  xzr, [x0], #8
    b    3b
4:  mov  x0, x19
    bl   avz_main
    b    enter_domain

// x0 = its Cpu. Interrupts are masked, MMU and caches are off (PSCI 1.1, 6.4).
    .global secondary_entry
secondary_entry:
    mov  x19, x0
    bl   enable_mmu
    mov  sp, x19
    mov  x0, x19
    bl   secondary_main
    b    enter_domain

enable_mmu:
    ldr  x0, =mmu_registers
    ldp  x1, x2, [x0]
    ldp  x3, x4, [x0, #16]
    msr  mair_el2, x1
    msr  tcr_el2, x2
    msr  ttbr0_el2, x3
    tlbi alle2
    ic   iallu
    dsb  nsh
    isb
    msr  sctlr_el2, x4
    isb
    ret

// Nothing is set up; the console is where board.hpp says, and only this one message needs to get out.
wrong_exception_level:
    adr  x1, needs_el2
    mov  x2, #0x09000000
5:  ldrb w3, [x1], #1
    cbz  w3, 6f
    str  w3, [x2]
    b    5b
6:  wfi
    b    6b
needs_el2:
    .asciz "avz: entered below EL2. Start the machine with virtualization (QEMU: -M virt,virtualization=on).\n"
    .balign 4
    .ltorg
