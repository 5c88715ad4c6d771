// The image is entered here, before the runtime's own start, which follows: its section is linked first. The variable is
// in .data, which start-up does not clear.
    .section .head.text, "ax"
    mrs  x9, cntvct_el0
    adrp x10, bench_first_instruction
    str  x9, [x10, :lo12:bench_first_instruction]
    b    so3_start

    .data
    .balign 8
    .global bench_first_instruction
bench_first_instruction:
    .quad 0
