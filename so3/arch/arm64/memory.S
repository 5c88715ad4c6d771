// memcpy, memmove, memset and memcmp with general registers only: the compiler calls them where FP registers belong to
// somebody else (interrupt handlers), and before the MMU is on no instruction here minds that memory is Device.
    .text

    .macro function name
    .global \name
    .type \name, %function
    .balign 16
\name:
    .endm

    function memmove
    sub  x3, x0, x1
    cmp  x3, x2
    b.lo copy_down                  // the destination begins inside the source
    // fall through

    .global memcpy
    .type memcpy, %function
memcpy:
    mov  x3, x0
    cmp  x2, #16
    b.lo 3f
    orr  x4, x0, x1                 // Device memory and -mstrict-align callers want aligned accesses
    tst  x4, #7
    b.ne 4f
1:  subs x2, x2, #64
    b.lo 2f
    ldp  x4, x5, [x1]
    ldp  x6, x7, [x1, #16]
    ldp  x8, x9, [x1, #32]
    ldp  x10, x11, [x1, #48]
    add  x1, x1, #64
    stp  x4, x5, [x3]
    stp  x6, x7, [x3, #16]
    stp  x8, x9, [x3, #32]
    stp  x10, x11, [x3, #48]
    add  x3, x3, #64
    b    1b
2:  add  x2, x2, #64
5:  cmp  x2, #8
    b.lo 3f
    ldr  x4, [x1], #8
    str  x4, [x3], #8
    sub  x2, x2, #8
    b    5b
3:  cbz  x2, 6f
7:  ldrb w4, [x1], #1
    strb w4, [x3], #1
    subs x2, x2, #1
    b.ne 7b
6:  ret
    // Misaligned to each other or both: align the destination, then words.
4:  tst  x3, #7
    b.eq 1b
    ldrb w4, [x1], #1
    strb w4, [x3], #1
    sub  x2, x2, #1
    b    4b

copy_down:
    cbz  x3, 6b
    add  x1, x1, x2
    add  x3, x0, x2
8:  cmp  x2, #16
    b.lo 9f
    ldp  x4, x5, [x1, #-16]!
    stp  x4, x5, [x3, #-16]!
    sub  x2, x2, #16
    b    8b
9:  cbz  x2, 6b
    ldrb w4, [x1, #-1]!
    strb w4, [x3, #-1]!
    subs x2, x2, #1
    b.ne 9b
    ret

    function memset
    mov  x3, x0
    and  x1, x1, #0xff
    mov  x4, #0x0101010101010101
    mul  x1, x1, x4
1:  cbz  x2, 4f
    tst  x3, #7
    b.eq 2f
    strb w1, [x3], #1
    sub  x2, x2, #1
    b    1b
2:  subs x2, x2, #64
    b.lo 3f
    stp  x1, x1, [x3]
    stp  x1, x1, [x3, #16]
    stp  x1, x1, [x3, #32]
    stp  x1, x1, [x3, #48]
    add  x3, x3, #64
    b    2b
3:  add  x2, x2, #64
5:  cmp  x2, #8
    b.lo 6f
    str  x1, [x3], #8
    sub  x2, x2, #8
    b    5b
6:  cbz  x2, 4f
    strb w1, [x3], #1
    sub  x2, x2, #1
    b    6b
4:  ret

    function memcmp
1:  cmp  x2, #8
    b.lo 2f
    ldr  x3, [x0], #8
    ldr  x4, [x1], #8
    sub  x2, x2, #8
    cmp  x3, x4
    b.eq 1b
    rev  x3, x3                     // the first byte in memory decides
    rev  x4, x4
    cmp  x3, x4
    mov  w0, #1
    cneg w0, w0, lo
    ret
2:  cbz  x2, 3f
    ldrb w3, [x0], #1
    ldrb w4, [x1], #1
    sub  x2, x2, #1
    subs w3, w3, w4
    b.eq 2b
    mov  w0, w3
    ret
3:  mov  w0, wzr
    ret
