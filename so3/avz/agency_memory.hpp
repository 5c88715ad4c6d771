// Where the agency wants something, or has it ready.
#pragma once
#include <cstdint>

#include "so3/arch/physical.hpp"
#include "so3/avz/domain.hpp"

namespace avz {

// Its RAM is one piece and always mapped. nullptr: not all of it is in its RAM, or it is not aligned to 8 bytes.
inline std::uint8_t* agency_memory(const Domain& agency, std::uint64_t ipa, std::uint64_t bytes) {
  if (ipa % 8 != 0 || !agency.in_ram(ipa, bytes)) return nullptr;
  return arch::physical<std::uint8_t>(agency.ram + (ipa - abi::ram_ipa));
}

}  // namespace avz
