// Arm PL011 UART, output only (Arm DDI 0183, 3.2). As the firmware or the emulator left it: 8n1, enabled.
#pragma once
#include <string_view>

#include "so3/arch/barrier.hpp"
#include "so3/plat/mmio.hpp"

namespace plat {

class Pl011 {
 public:
  constexpr explicit Pl011(std::uint64_t base) : base_{base} {}

  void put(char c) const {
    while (read32(base_ + flags) & transmit_full) arch::yield();
    write32(base_ + data, static_cast<std::uint8_t>(c));
  }
  void write(std::string_view text) const {
    for (char c : text) put(c);
  }

 private:
  static constexpr std::uint64_t data = 0x00, flags = 0x18;
  static constexpr std::uint32_t transmit_full = 1 << 5;
  std::uint64_t base_;
};

}  // namespace plat
