// clang-format off
// Assembly: registers as zero, two at a time, with SP at the CPU's block. For what avz or somebody else had in them.
.macro zero_pairs first, second, more:vararg
    ldp  x\first, x\second, [sp, #CPU_ZEROS]
.ifnb \more
    zero_pairs \more
.endif
.endm
