// Sentences with values in them, without memory or a C library: errors read the same wherever they are found.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace image {

// What may stand in a wording: %n node, %p property, %f found, %l limit; %F and %L the same in hexadecimal, %v and %w
// as a version (major << 16 | minor); %o offset.
struct Values {
  std::string_view node, property;
  std::uint64_t found = 0, limit = 0, offset = 0;
};

// In `out`; cut when that is too short.
std::string_view fill(std::string_view wording, const Values& values, std::span<char> out);

}  // namespace image
