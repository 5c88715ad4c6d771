// A path of the store that keeps the grammar of abi/vbstore.hpp: made by parse() only.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "so3/abi/vbstore.hpp"

namespace agency {

// Views the text it was parsed from. The root is "".
class StorePath {
 public:
  StorePath() = default;
  static std::optional<StorePath> parse(std::string_view text);

  std::string_view text() const { return text_; }
  std::size_t depth() const { return depth_; }
  bool is_root() const { return depth_ == 0; }
  // i < depth()
  std::string_view component(std::size_t i) const;

 private:
  std::string_view text_;
  std::size_t depth_ = 0;
  std::array<std::uint8_t, abi::vbstore::depth_max + 1> start_{};  // [depth_] = one past the end, plus one
};

static_assert(abi::vbstore::path_max <= 255, "offsets fit a byte");

// A part of the tree: whose it is, and how deep it begins: 2 for device/<me>, 3 for backend/<type>/<me> and soo/me/<me>.
// What lies in no ME's part is the agency's, from depth 1.
struct StorePart {
  std::uint32_t domain;
  std::size_t depth;
};
StorePart part_of(const StorePath& path);

}  // namespace agency
