// What can be wrong with a capsule, and the one wording of it: the build, the engine and the agency say the same.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace image {

enum class Fault : std::uint8_t {
  // container of either tree: the .itb itself or the device tree in it
  not_a_tree,
  truncated,
  trailing_bytes,
  damaged,
  dirty_padding,
  not_aligned,
  // any node
  missing_node,
  unknown_node,
  missing_property,
  unknown_property,
  repeated,
  property_size,
  not_text,
  // .itb
  wrong_value,
  wrong_hash_algorithm,
  wrong_hash,
  empty_data,
  no_kernel,
  no_fdt,
  fdt_too_big,
  wrong_address,
  not_a_capsule_image,
  header_disagrees,
  abi_mismatch,
  // /ME
  no_me_node,
  spid_size,
  spid_zero,
  spadcaps_size,
  name_too_long,
  description_too_long,
  domain_size_not_pages,
  domain_size_too_small,
  domain_size_too_big,
  bad_compatible,
  bad_status,
  too_many_frontends,
};

// A name from the file, copied: the file may change or go, and may hold anything.
class Name {
 public:
  constexpr Name() = default;
  constexpr Name(std::string_view s) : size_(static_cast<std::uint8_t>(std::min(s.size(), text_.size()))) {
    std::transform(s.begin(), s.begin() + size_, text_.begin(), [](char c) { return c < 0x20 || c > 0x7e ? '?' : c; });
  }
  constexpr Name(const char* s) : Name(std::string_view(s)) {}
  constexpr std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, 48> text_{};
  std::uint8_t size_ = 0;
};

struct Error {
  Fault fault{};
  Name node{};      // path or name of the node, or what the whole file is
  Name property{};  // empty: the node itself
  std::uint64_t found = 0, limit = 0;
};

// One line without a newline, in `out`; cut when that is too short (256 bytes hold every message).
std::string_view message(const Error& error, std::span<char> out);

}  // namespace image
