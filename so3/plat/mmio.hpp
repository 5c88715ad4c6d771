// Registers of devices.
#pragma once
#include <cstdint>

namespace plat {

inline std::uint32_t read32(std::uint64_t address) {
  std::uint32_t value;
  asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return value;
}
inline void write32(std::uint64_t address, std::uint32_t value) {
  asm volatile("str %w0, [%1]" : : "rZ"(value), "r"(address) : "memory");
}

}  // namespace plat
