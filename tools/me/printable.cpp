#include "tools/me/printable.hpp"

#include <fmt/format.h>

#include <cstdint>

#include "so3/image/text.hpp"

namespace me {
namespace {

// How many bytes the character at the beginning of `text` has; 0 when it is not UTF-8, or not harmless.
std::size_t harmless(std::string_view text) {
  const auto size = image::utf8_length(text);
  const auto first = static_cast<std::uint8_t>(text[0]);
  if (size < 2) return (first >= 0x20 && first != 0x7f) || first == '\t' ? size : 0;
  std::uint32_t character = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) character = character << 6 | (static_cast<std::uint8_t>(text[i]) & 0x3f);
  const bool control = character < 0xa0 || character == 0x2028 || character == 0x2029;
  const bool direction = character == 0x61c || (character >= 0x200e && character <= 0x200f) ||
                         (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069);
  return control || direction ? 0 : size;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto size = harmless(text);
    if (size > 0) out += text.substr(0, size);
    else out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text[0]));
    text.remove_prefix(size > 0 ? size : 1);
  }
  return out;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  while (true) {
    const auto end = text.find('\n');
    out += printable(text.substr(0, end));
    if (end == text.npos) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

}  // namespace me
