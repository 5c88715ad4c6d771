// Names of an image's functions, for backtraces. The build links an image twice: the table of the first link's
// functions fills the section .symbols of the second, which comes last in what is read-only, so no function moves.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace kernel {

// Little-endian: a count, then that many 16-bit distances, each in instructions from the function before (the first
// from the image's first byte), then as many names in the same order. A name is one byte, how many characters it shares
// with the name before, then the rest and a NUL. Names are demangled, without parameters and template arguments, and
// have at most symbol_name_max characters.
struct SymbolTable {
  std::uint32_t count;

  const std::uint16_t* distances() const { return reinterpret_cast<const std::uint16_t*>(&count + 1); }
  const unsigned char* names() const { return reinterpret_cast<const unsigned char*>(distances() + count); }
};

inline constexpr std::size_t symbol_name_max = 95;
inline constexpr std::uint64_t symbol_unit = 4;

struct Symbol {
  std::array<char, symbol_name_max + 1> name;  // empty: the address is before the first function
  std::uint64_t offset;  // of the address in the function
};

// For an address in the image's text, given as offset from its first byte. Reads every name before the one it finds:
// made for panics, not for speed. Safe in any context.
inline Symbol find_symbol(const SymbolTable& table, std::uint64_t image_offset) {
  Symbol symbol{};
  const auto* next = table.names();
  std::uint64_t start = 0;
  for (std::uint32_t i = 0; i < table.count; ++i) {
    start += table.distances()[i] * symbol_unit;
    if (start > image_offset) break;
    symbol.offset = image_offset - start;
    std::size_t at = std::min<std::size_t>(*next++, symbol_name_max);
    for (char c; (c = static_cast<char>(*next++)) != '\0';) {
      if (at < symbol_name_max) symbol.name[at++] = c;
    }
    symbol.name[at] = '\0';
  }
  return symbol;
}

}  // namespace kernel

// Put there by the build (toolchain/Image.cmake) in every image that it links.
extern "C" const kernel::SymbolTable so3_symbol_table;
