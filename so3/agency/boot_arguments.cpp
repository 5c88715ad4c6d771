// What the machine was told when it was started (-append): words with spaces between them. Those of others are not for
// the agency.
#include <charconv>

#include "so3/abi/devcaps.hpp"
#include "so3/agency/agency.hpp"
#include "so3/agency/text.hpp"

namespace agency {
namespace {

constexpr std::uint32_t patience_ms_max = 600'000;

// Takes from `text` what is before the next `separator`.
std::string_view next(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return part;
}

// "0x06000001"
std::optional<std::uint32_t> devcaps_entry(std::string_view text) {
  std::uint32_t entry = 0;
  if (!text.starts_with("0x")) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), entry, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (abi::devcaps::class_of(entry) == 0 || abi::devcaps::attributes_of(entry) == 0) return std::nullopt;
  return entry;
}

// "1000"
std::optional<std::uint64_t> patience_from(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (value == 0 || value > patience_ms_max) return std::nullopt;
  return value * ms;
}

}  // namespace

void Agency::boot_arguments(std::string_view arguments) {
  constexpr std::string_view devcaps = "devcaps=", patience = "patience=";
  while (!arguments.empty()) {
    auto word = next(arguments, ' ');
    if (word.starts_with(patience)) {
      word.remove_prefix(patience.size());
      if (const auto time = patience_from(word)) life_.set_patience(*time);
      else
        report_.say(text("boot argument patience: '%.*s' is no number of milliseconds from 1 to %u: it stays %llu",
                         AGENCY_SV(word), patience_ms_max, static_cast<unsigned long long>(Life::patience / ms)));
      continue;
    }
    if (!word.starts_with(devcaps)) continue;
    word.remove_prefix(devcaps.size());
    do {
      const auto part = next(word, ',');
      if (const auto entry = devcaps_entry(part)) bus_.add_devcaps(*entry);
      else
        report_.say(
            text("boot argument devcaps: '%.*s' is no device capability (0x, a class of two digits that is not "
                 "00, attributes of six that are not all 0): left out",
                 AGENCY_SV(part)));
    } while (!word.empty());
  }
}

}  // namespace agency
