// Entry, exceptions and domcall entry of the self-test's image.
    .section .head, "ax"
    .global _start
_start:
    b    1f
    .word 0x00010000               // abi::version
    .quad 0x656c75737061432e       // abi::image_magic
    .quad image_start
    .quad image_bytes
    .quad memory_bytes
    .quad 0
1:  ldr  x1, =stack_top
    mov  sp, x1
    mov  x0, #(3 << 20)
    msr  cpacr_el1, x0
    ldr  x0, =vectors
    msr  vbar_el1, x0
    mov  x0, #0xff                 // all memory normal, write-back
    msr  mair_el1, x0
    ldr  x0, =level1
    msr  ttbr0_el1, x0
    ldr  x1, =0x1000000701         // 1 GB at 64 GB: inner shareable, accessed
    str  x1, [x0, #(64 * 8)]
    ldr  x1, =0x1800000701         // the agency's grant window
    str  x1, [x0, #(96 * 8)]
    ldr  x0, =((64 - 39) | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | 2 << 32)
    msr  tcr_el1, x0
    dsb  sy
    isb
    mrs  x0, sctlr_el1
    mov  x1, #0x1005               // M, C, I
    orr  x0, x0, x1
    msr  sctlr_el1, x0
    isb
    bl   run
2:  wfi
    b    2b

    .text
// x0 = Domcall, x1..x6 = payload
    .global domcall_entry
domcall_entry:
    mov  x29, #0
    bl   domcall
    brk  #0

    .balign 2048
vectors:
    .rept 4
    b    unexpected
    .balign 128
    .endr
    b    unexpected                // current level: synchronous
    .balign 128
    b    interrupt_entry
    .balign 128
    .rept 10
    b    unexpected
    .balign 128
    .endr
interrupt_entry:
    sub  sp, sp, #176
    stp  x0, x1, [sp]
    stp  x2, x3, [sp, #16]
    stp  x4, x5, [sp, #32]
    stp  x6, x7, [sp, #48]
    stp  x8, x9, [sp, #64]
    stp  x10, x11, [sp, #80]
    stp  x12, x13, [sp, #96]
    stp  x14, x15, [sp, #112]
    stp  x16, x17, [sp, #128]
    stp  x18, x30, [sp, #144]
    mrs  x0, elr_el1
    mrs  x1, spsr_el1
    stp  x0, x1, [sp, #160]
    bl   interrupt
    ldp  x0, x1, [sp, #160]
    msr  elr_el1, x0
    msr  spsr_el1, x1
    ldp  x2, x3, [sp, #16]
    ldp  x4, x5, [sp, #32]
    ldp  x6, x7, [sp, #48]
    ldp  x8, x9, [sp, #64]
    ldp  x10, x11, [sp, #80]
    ldp  x12, x13, [sp, #96]
    ldp  x14, x15, [sp, #112]
    ldp  x16, x17, [sp, #128]
    ldp  x18, x30, [sp, #144]
    ldp  x0, x1, [sp]
    add  sp, sp, #176
    eret
unexpected:
    mrs  x2, elr_el1
    mrs  x3, far_el1
    mov  x1, #2                    // CrashReason::exception
    movz x0, #13                   // Call::crash
    movk x0, #0xc600, lsl #16
    hvc  #0
    b    .

// All registers but SP and x30 hold a pattern over a hypercall. x0 = function id; answers 0 when x18..x29 and every FP
// register come back as they were and x8..x17 as zero.
    .global call_keeps_registers
call_keeps_registers:
    stp  x19, x20, [sp, #-96]!
    stp  x21, x22, [sp, #16]
    stp  x23, x24, [sp, #32]
    stp  x25, x26, [sp, #48]
    stp  x27, x28, [sp, #64]
    stp  x29, x30, [sp, #80]
    .irp r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
    movz x\r, #(0xa500 + \r), lsl #32
    .endr
    fmov d0, x20
    fmov d31, x21
    hvc  #0
    mov  x0, #0
    .irp r, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
    orr  x0, x0, x\r
    .endr
    .irp r, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
    movz x1, #(0xa500 + \r), lsl #32
    eor  x1, x1, x\r
    orr  x0, x0, x1
    .endr
    fmov x1, d0
    eor  x1, x1, x20
    orr  x0, x0, x1
    fmov x1, d31
    eor  x1, x1, x21
    orr  x0, x0, x1
    ldp  x21, x22, [sp, #16]
    ldp  x23, x24, [sp, #32]
    ldp  x25, x26, [sp, #48]
    ldp  x27, x28, [sp, #64]
    ldp  x29, x30, [sp, #80]
    ldp  x19, x20, [sp], #96
    ret

// x0 = pointer to eight arguments
    .global call_with
call_with:
    stp  x29, x30, [sp, #-32]!
    str  x0, [sp, #16]
    mov  x8, x0
    ldp  x0, x1, [x8]
    ldp  x2, x3, [x8, #16]
    ldp  x4, x5, [x8, #32]
    ldp  x6, x7, [x8, #48]
    hvc  #0
    ldr  x8, [sp, #16]
    stp  x0, x1, [x8]
    stp  x2, x3, [x8, #16]
    stp  x4, x5, [x8, #32]
    stp  x6, x7, [x8, #48]
    ldp  x29, x30, [sp], #32
    ret

    .bss
    .balign 4096
level1:
    .skip 4096
