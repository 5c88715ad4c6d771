#include "so3/agency/store/path.hpp"

#include <charconv>

namespace agency {

std::optional<StorePath> StorePath::parse(std::string_view text) {
  StorePath p;
  const auto component = [&](std::size_t start, std::size_t end) {
    p.start_[p.depth_++] = static_cast<std::uint8_t>(start);
    p.start_[p.depth_] = static_cast<std::uint8_t>(end + 1);  // at most 256 would wrap to 0: component() undoes it
  };
  if (!abi::vbstore::walk_path(text, component)) return std::nullopt;
  p.text_ = text;
  return p;
}

std::string_view StorePath::component(std::size_t i) const {
  const auto end = static_cast<std::uint8_t>(start_[i + 1] - 1);
  return text_.substr(start_[i], end - start_[i]);
}

namespace {

// An ME's number as it is written everywhere: decimal, nothing before it.
std::optional<std::uint32_t> me_slot(std::string_view component) {
  std::uint32_t slot = 0;
  const auto [end, error] = std::from_chars(component.data(), component.data() + component.size(), slot);
  if (error != std::errc{} || end != component.data() + component.size() || component.front() == '0')
    return std::nullopt;
  if (slot < abi::first_me_slot || slot >= abi::max_domains) return std::nullopt;
  return slot;
}

}  // namespace

StorePart part_of(const StorePath& path) {
  constexpr StorePart agencys{abi::agency_domain, 1};
  const auto part = [&](std::size_t depth) {
    const auto slot = path.depth() >= depth ? me_slot(path.component(depth - 1)) : std::nullopt;
    return slot ? StorePart{*slot, depth} : agencys;
  };
  if (path.is_root()) return agencys;
  const auto top = path.component(0);
  if (top == "device") return part(2);
  if (top == "backend" || (top == "soo" && path.depth() > 1 && path.component(1) == "me")) return part(3);
  return agencys;
}

}  // namespace agency
