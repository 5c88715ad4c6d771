// QEMU `virt`, as its documentation and device tree have it: what is needed before the device tree can be read,
// or is not in it. Memory and CPUs come from the device tree.
#pragma once
#include <cstdint>

namespace plat {

struct Board {
  std::uint64_t uart;              // PL011
  std::uint64_t gic_distributor;
  std::uint64_t gic_cpu_interface;    // GICv2
  std::uint64_t gic_redistributors;   // GICv3: one of 128 KB per CPU
  std::uint32_t ppi_virtual_timer;
  std::uint32_t ppi_hypervisor_timer;
};

inline constexpr Board board = {
    .uart = 0x0900'0000,
    .gic_distributor = 0x0800'0000,
    .gic_cpu_interface = 0x0801'0000,
    .gic_redistributors = 0x080a'0000,
    .ppi_virtual_timer = 27,
    .ppi_hypervisor_timer = 26,
};

// What avz maps for itself, in blocks of 2 MB.
inline constexpr std::uint64_t device_blocks[] = {0x0800'0000, 0x0900'0000};

}  // namespace plat
