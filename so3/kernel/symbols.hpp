// Names of an image's functions, for backtraces. The build links an image twice: the table of the first link's
// functions fills the section .symbols of the second, which comes last in what is read-only, so no function moves.
#pragma once
#include <cstdint>

namespace kernel {

// Little-endian words: a count, then that many offsets of functions from the image's first byte, ascending, then as
// many names in the same order, each with its NUL. Names are demangled, without parameters.
struct SymbolTable {
  std::uint32_t count;

  const std::uint32_t* offsets() const { return &count + 1; }
  const char* names() const { return reinterpret_cast<const char*>(offsets() + count); }
};

struct Symbol {
  const char* name;      // nullptr: the address is before the first function
  std::uint64_t offset;  // of the address in the function
};

// For an address in the image's text, given as offset from its first byte. Reads every name before the one it finds:
// made for panics, not for speed. Safe in any context.
inline Symbol find_symbol(const SymbolTable& table, std::uint64_t image_offset) {
  const auto* offsets = table.offsets();
  const char* name = table.names();
  Symbol best{nullptr, 0};
  for (std::uint32_t i = 0; i < table.count && offsets[i] <= image_offset; ++i) {
    best = {name, image_offset - offsets[i]};
    while (*name++ != '\0') {
    }
  }
  return best;
}

}  // namespace kernel

// Put there by the build (toolchain/Image.cmake) in every image that it links.
extern "C" const kernel::SymbolTable so3_symbol_table;
