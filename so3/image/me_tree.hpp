// The device tree of an ME: who it is and what it needs. Rules of the node /ME, in one place for the build,
// the engine, the agency and the ME itself.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

#include "so3/image/fault.hpp"
#include "so3/image/tree.hpp"

namespace image {

inline constexpr std::size_t name_max = 39;           // bytes without NUL: consumers have 40
inline constexpr std::size_t description_max = 1024;  // bytes of UTF-8 without NUL
inline constexpr std::size_t spadcaps_max = 8;
inline constexpr std::size_t frontends_max = 32;

struct MeTree {
  std::uint64_t spid = 0;  // never 0
  std::array<std::uint64_t, spadcaps_max> spadcaps{};
  std::size_t spadcaps_count = 0;  // at least 1; the first is the published mask
  std::string_view name;           // views into the tree
  std::string_view description;
  std::uint32_t domain_size = 0;  // bytes, whole pages, within abi::ram_min and abi::ram_max
  bool cooperate = false;         // willing from the start, as if spad_enable_cooperate() had been called
  bool exclusive_cpu = false;     // shares its CPU with no other ME
  std::array<std::string_view, frontends_max> frontends{};  // types of those with status "ok", in tree order
  std::size_t frontend_count = 0;

  std::span<const std::uint64_t> capabilities() const { return std::span(spadcaps).first(spadcaps_count); }
  std::span<const std::string_view> enabled_frontends() const { return std::span(frontends).first(frontend_count); }
};

// `dtb` is exactly one tree, at a multiple of 8, and outlives the result.
std::expected<MeTree, Error> parse_me_tree(Bytes dtb);

}  // namespace image
