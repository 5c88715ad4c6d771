// avz's own address space: identity, W^X, a guard page below each CPU's stack.
#pragma once
#include "so3/avz/phys_range.hpp"

namespace avz {

// What avz has mapped before this: its image, the devices it drives and the device tree.
// The range starts at the first gigabyte of RAM and is a multiple of 2 MB.
void map_ram(PhysRange ram);

// Where the memory of a CPU's stack ends. The page below it is a guard: touching it is a fatal trap.
std::uint64_t stack_end(std::uint32_t cpu_index);

}  // namespace avz
