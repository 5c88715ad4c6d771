// Physical memory, by address and length.
#pragma once
#include <cstdint>

namespace avz {

using PhysAddr = std::uint64_t;

struct PhysRange {
  PhysAddr base = 0;
  std::uint64_t bytes = 0;

  constexpr PhysAddr end() const { return base + bytes; }
  constexpr bool empty() const { return bytes == 0; }
};

}  // namespace avz
