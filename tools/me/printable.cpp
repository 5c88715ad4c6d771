#include "tools/me/printable.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace me {
namespace {

// How many bytes the character at the beginning of `text` has; 0 when it is not UTF-8 (RFC 3629), or not harmless.
std::size_t harmless(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return (first >= 0x20 && first != 0x7f) || first == '\t' ? 1 : 0;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  std::uint32_t character = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    character = character << 6 | (byte(i) & 0x3f);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool encoded = character >= least[size] && character <= 0x10ffff && (character < 0xd800 || character > 0xdfff);
  const bool control = character < 0xa0 || character == 0x2028 || character == 0x2029;
  const bool direction = character == 0x61c || (character >= 0x200e && character <= 0x200f) ||
                         (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069);
  return encoded && !control && !direction ? size : 0;
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
