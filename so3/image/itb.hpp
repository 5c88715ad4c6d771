// The .itb file: image, device tree and optional ramfs of one ME. docs/itb-format.md has it byte by byte.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

#include "so3/abi/image.hpp"
#include "so3/image/fault.hpp"
#include "so3/image/me_tree.hpp"

namespace image {

inline constexpr std::size_t fdt_max = 64 * 1024;

// What an ME needs besides its image, device tree and ramfs: first threads and a heap to begin with.
inline constexpr std::uint64_t working_memory = 64 * 1024;

using Digest = std::array<std::byte, 32>;
using Sha256 = Digest (*)(Bytes);

struct Itb {
  std::string_view description;
  abi::ImageHeader header;
  Bytes kernel;  // the raw image, header first
  Bytes fdt;     // a copy in memory of the caller, at a multiple of 8
  Bytes ramfs;   // empty when the capsule has none
  MeTree me;
};

// Accepts a whole, intact capsule that runs on this ABI version, and nothing else. `file` is at a multiple of 8 and
// must not change meanwhile: copy it out of memory that others can write first. `fdt_copy` receives the device tree
// (8-aligned; inside the file it is not). The result refers to both.
std::expected<Itb, Error> parse_itb(Bytes file, std::span<std::byte, fdt_max> fdt_copy, Sha256 sha256);

// Bytes of RAM below which such a capsule cannot start.
std::uint64_t required_memory(const abi::ImageHeader& header, std::size_t fdt_size, std::size_t ramfs_size);

}  // namespace image
