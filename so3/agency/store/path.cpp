#include "so3/agency/store/path.hpp"

#include <charconv>

namespace agency {
namespace {

constexpr bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         c == '.' || c == ':' || c == '@';
}

}  // namespace

std::optional<StorePath> StorePath::parse(std::string_view text) {
  StorePath p;
  if (text.empty()) return p;
  if (text.size() > abi::vbstore::path_max) return std::nullopt;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != '/') {
      if (!allowed(text[i])) return std::nullopt;
      continue;
    }
    if (i == start || p.depth_ == abi::vbstore::depth_max) return std::nullopt;
    p.start_[p.depth_++] = static_cast<std::uint8_t>(start);
    start = i + 1;
  }
  p.start_[p.depth_] = static_cast<std::uint8_t>(start);  // at most 256 would wrap to 0: component() undoes it
  p.text_ = text;
  return p;
}

std::string_view StorePath::component(std::size_t i) const {
  const auto end = static_cast<std::uint8_t>(start_[i + 1] - 1);
  return text_.substr(start_[i], end - start_[i]);
}

std::size_t own_depth(const StorePath& path, std::uint32_t domain) {
  char digits[10];
  const auto end = std::to_chars(digits, digits + sizeof digits, domain).ptr;
  const std::string_view id{digits, static_cast<std::size_t>(end - digits)};
  if (path.depth() < 2) return 0;
  const auto top = path.component(0);
  if (top == "device") return path.component(1) == id ? 2 : 0;
  if (path.depth() < 3 || path.component(2) != id) return 0;
  return top == "backend" || (top == "soo" && path.component(1) == "me") ? 3 : 0;
}

}  // namespace agency
