#include "engine/devcaps.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <optional>

#include "so3/abi/devcaps.hpp"

namespace engine {
namespace {

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t max) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

std::optional<std::uint32_t> entry(std::string_view text) {
  namespace devcaps = abi::devcaps;
  const auto colon = text.find(':');
  if (colon == text.npos) return number(text, UINT32_MAX);
  const auto device_class = number(text.substr(0, colon), devcaps::class_max);
  const auto attributes = number(text.substr(colon + 1), devcaps::attributes_max);
  if (!device_class || !attributes) return std::nullopt;
  return *device_class << devcaps::class_shift | *attributes;
}

}  // namespace

bool is_devcaps(std::uint32_t entry) {
  return abi::devcaps::class_of(entry) != 0 && abi::devcaps::attributes_of(entry) != 0;
}

Result<std::vector<std::uint32_t>> parse_devcaps(std::string_view text) {
  std::vector<std::uint32_t> entries;
  for (std::size_t at = 0; at <= text.size();) {
    const auto one = text.substr(at, text.find(',', at) - at);
    at += one.size() + 1;
    const auto found = entry(one);
    if (!found || !is_devcaps(*found))
      return fail(Errc::usage, fmt::format("'{}' is no device capability", one),
                  "CLASS:ATTRIBUTES, a class of 1 to 255 and at least one of 24 attributes, as 6:0x3 or 0x06000003");
    entries.push_back(*found);
  }
  return entries;
}

std::string devcaps_text(std::span<const std::uint32_t> entries) {
  return fmt::format("{:#010x}", fmt::join(entries, ","));
}

}  // namespace engine
