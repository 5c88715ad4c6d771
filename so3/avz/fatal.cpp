// avz itself trapped: a broken invariant. Registers to the console, then the machine ends.
#include "so3/arch/arm64/registers.hpp"
#include "so3/avz/asm_offsets.h"
#include "so3/avz/console.hpp"
#include "so3/avz/cpu.hpp"

extern "C" {
void report_fatal_trap(std::uint64_t vector, const std::uint64_t* x);
[[gnu::section(".stacks"), gnu::aligned(16), gnu::used]] char fatal_stack[4096];  // vectors.S
}

void report_fatal_trap(std::uint64_t vector, const std::uint64_t* x) {
  using namespace avz;
  static constexpr std::string_view kinds[] = {"synchronous", "IRQ", "FIQ", "SError"};
  console_break_lock();
  print("avz: CPU ", std::uint64_t{this_cpu().index}, ": ", kinds[vector % 4], " exception in avz, ESR ",
        Hex{read_register(esr_el2)}, ", PC ", Hex{read_register(elr_el2)}, ", FAR ", Hex{read_register(far_el2)},
        ", SP ", Hex{read_register(sp_el1)});
  for (std::uint64_t i = 0; i < 28; i += 4)
    print("  x", i, " ", Hex{x[i]}, " ", Hex{x[i + 1]}, " ", Hex{x[i + 2]}, " ", Hex{x[i + 3]});
  print("  x28 ", Hex{x[28]}, " FP ", Hex{x[29]}, " LR ", Hex{x[30]});
  panic("a trap in avz itself");
}
