// Device capabilities that a smart object is told to have, without a backend that stands for them.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace engine {

// Entries as abi/devcaps.hpp has them, separated by commas: CLASS:ATTRIBUTES, or both in one number. Numbers are decimal
// or, after 0x, hexadecimal: "6:3,0x07000001".
[[nodiscard]] Result<std::vector<std::uint32_t>> parse_devcaps(std::string_view text);
// One number each, as the agency reads them.
[[nodiscard]] std::string devcaps_text(std::span<const std::uint32_t> entries);
// Has a class and at least one attribute?
[[nodiscard]] bool is_devcaps(std::uint32_t entry);

}  // namespace engine
