// The image is entered here, before the runtime's own start, which follows: its section is linked first. The variable is
// among the instructions, which can be written until the MMU is on: start-up makes .data and .bss anew.
    .section .head.text, "ax"
    mrs  x9, cntvct_el0
    adr  x10, bench_first_instruction
    str  x9, [x10]
    b    so3_start

    .balign 8
    .global bench_first_instruction
bench_first_instruction:
    .quad 0
