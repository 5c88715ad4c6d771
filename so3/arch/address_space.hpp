// The address space of this domain after the kernel has started.
#pragma once
#include <cstddef>
#include <cstdint>

#include "so3/arch/arm64/page_table.hpp"

namespace arch {

// Registers of a device (Device-nGnRE), or memory, at a physical address that is the virtual one too. For the agency.
[[nodiscard]] MapResult map_device(std::uint64_t address, std::uint64_t size);
[[nodiscard]] MapResult map_normal(std::uint64_t address, std::uint64_t size);

// One page below a stack: any access faults. `unguard` makes it ordinary memory again.
[[nodiscard]] MapResult guard_page(std::byte* page);
void unguard_page(std::byte* page);

// For reports: what an address is.
std::optional<Attributes> lookup(std::uint64_t address);

// RAM that the kernel may use as heap, after image and tables.
struct MemoryRange {
  std::byte* begin;
  std::byte* end;
};
MemoryRange heap_range();

}  // namespace arch
