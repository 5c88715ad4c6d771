// Device capabilities: which devices a smart object has. An entry is a class in the top byte and 24 attributes below.
#pragma once
#include <cstdint>

namespace abi::devcaps {

inline constexpr std::uint32_t class_shift = 24;
inline constexpr std::uint32_t class_max = 0xff;
inline constexpr std::uint32_t attributes_max = 0x00ff'ffff;

constexpr std::uint32_t class_of(std::uint32_t entry) { return entry >> class_shift; }
constexpr std::uint32_t attributes_of(std::uint32_t entry) { return entry & attributes_max; }

}  // namespace abi::devcaps
