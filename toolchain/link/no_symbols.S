// The empty function table of a first link (so3/kernel/symbols.hpp).
.section .symbols, "a"
.balign 4
.global so3_symbol_table
so3_symbol_table:
  .word 0
