// What the compiler calls by itself. Ordinary memory only, no FP registers; a page is cleared with dc zva.
    .text

// void* memcpy(x0 = to, x1 = from, x2 = bytes)
    .global memcpy
memcpy:
    mov  x3, x0
1:  subs x2, x2, #32
    b.lo 2f
    ldp  x4, x5, [x1], #16
    ldp  x6, x7, [x1], #16
    stp  x4, x5, [x3], #16
    stp  x6, x7, [x3], #16
    b    1b
2:  adds x2, x2, #32
    b.eq 4f
3:  ldrb w4, [x1], #1
    strb w4, [x3], #1
    subs x2, x2, #1
    b.ne 3b
4:  ret

    .global memmove
memmove:
    sub  x3, x0, x1
    cmp  x3, x2
    b.hs memcpy                    // not into the part still to be read
    add  x1, x1, x2
    add  x3, x0, x2
    cbz  x2, 2f
1:  ldrb w4, [x1, #-1]!
    strb w4, [x3, #-1]!
    subs x2, x2, #1
    b.ne 1b
2:  ret

// void* memset(x0 = to, w1 = byte, x2 = bytes)
    .global memset
memset:
    mov  x3, x0
    and  x1, x1, #0xff
    orr  x1, x1, x1, lsl #8
    orr  x1, x1, x1, lsl #16
    orr  x1, x1, x1, lsl #32
1:  subs x2, x2, #32
    b.lo 2f
    stp  x1, x1, [x3], #16
    stp  x1, x1, [x3], #16
    b    1b
2:  adds x2, x2, #32
    b.eq 4f
3:  strb w1, [x3], #1
    subs x2, x2, #1
    b.ne 3b
4:  ret

// int memcmp(x0, x1, x2 = bytes)
    .global memcmp
memcmp:
    cbz  x2, 2f
1:  ldrb w3, [x0], #1
    ldrb w4, [x1], #1
    subs w5, w3, w4
    b.ne 3f
    subs x2, x2, #1
    b.ne 1b
2:  mov  w0, #0
    ret
3:  mov  w0, w5
    ret

    .global strlen
strlen:
    mov  x1, x0
1:  ldrb w2, [x1], #1
    cbnz w2, 1b
    sub  x0, x1, x0
    sub  x0, x0, #1
    ret
