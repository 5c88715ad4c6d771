// The registers that stay in the CPU while avz runs, in and out, in the order of struct El1Context and FpContext.
    .text

.macro store_pair a, b, offset
    mrs  x2, \a
    mrs  x3, \b
    stp  x2, x3, [x0, #\offset]
.endm
.macro load_pair a, b, offset
    ldp  x2, x3, [x0, #\offset]
    msr  \a, x2
    msr  \b, x3
.endm
.macro el1_registers pair
    \pair sctlr_el1, cpacr_el1, 0
    \pair ttbr0_el1, ttbr1_el1, 16
    \pair tcr_el1, mair_el1, 32
    \pair amair_el1, contextidr_el1, 48
    \pair vbar_el1, sp_el1, 64
    \pair sp_el0, elr_el1, 80
    \pair spsr_el1, esr_el1, 96
    \pair far_el1, par_el1, 112
    \pair afsr0_el1, afsr1_el1, 128
    \pair csselr_el1, tpidr_el0, 144
    \pair tpidrro_el0, tpidr_el1, 160
    \pair cntkctl_el1, cntv_cval_el0, 176
.endm

// void save_el1(El1Context*). The timer stops: what it would do is the scheduler's from here.
    .global save_el1
save_el1:
    el1_registers store_pair
    mrs  x2, cntv_ctl_el0
    str  x2, [x0, #192]
    msr  cntv_ctl_el0, xzr
    ret

// void load_el1(const El1Context*)
    .global load_el1
load_el1:
    el1_registers load_pair
    ldr  x2, [x0, #192]
    msr  cntv_ctl_el0, x2
    ret

    .arch_extension fp
    .arch_extension simd
.macro fp_registers op
    \op  q0, q1, [x0, #0]
    \op  q2, q3, [x0, #32]
    \op  q4, q5, [x0, #64]
    \op  q6, q7, [x0, #96]
    \op  q8, q9, [x0, #128]
    \op  q10, q11, [x0, #160]
    \op  q12, q13, [x0, #192]
    \op  q14, q15, [x0, #224]
    \op  q16, q17, [x0, #256]
    \op  q18, q19, [x0, #288]
    \op  q20, q21, [x0, #320]
    \op  q22, q23, [x0, #352]
    \op  q24, q25, [x0, #384]
    \op  q26, q27, [x0, #416]
    \op  q28, q29, [x0, #448]
    \op  q30, q31, [x0, #480]
.endm

// void save_fp(FpContext*), void load_fp(const FpContext*)
    .global save_fp
save_fp:
    fp_registers stp
    mrs  x2, fpcr
    mrs  x3, fpsr
    add  x0, x0, #512
    stp  x2, x3, [x0]
    ret
    .global load_fp
load_fp:
    fp_registers ldp
    add  x0, x0, #512
    ldp  x2, x3, [x0]
    msr  fpcr, x2
    msr  fpsr, x3
    ret
