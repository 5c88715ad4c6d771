// What of the board the agency gets as it is: registers at IPA = PA, and the interrupt lines. Nothing that avz
// works with itself is here (interrupt controller, UART).
#pragma once
#include <cstdint>

namespace plat {

struct DeviceRange {
  std::uint64_t base, bytes;
};
struct InterruptRange {
  std::uint32_t first, count;
};

// 32 virtio-mmio transports of 512 bytes, SPI 16 and up.
inline constexpr DeviceRange agency_devices[] = {{0x0a00'0000, 0x4000}};
inline constexpr InterruptRange agency_interrupts[] = {{32 + 16, 32}};

constexpr bool is_agency_interrupt(std::uint64_t id) {
  for (const auto& range : agency_interrupts)
    if (id >= range.first && id - range.first < range.count) return true;
  return false;
}

}  // namespace plat
