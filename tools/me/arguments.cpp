#include "tools/me/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/me/printable.hpp"

namespace me {
namespace {

std::string refusal_of_number(const std::string& text) {
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
    return fmt::format("'{}' is not a number", text);
  if (text.size() > 1 && text[0] == '0') return fmt::format("{} begins with 0; numbers are decimal", text);
  // No option has more than 32 bits; what is less and yet too much, the option's own check or the smart object refuses.
  if (text.size() > 10 || (text.size() == 10 && text > "4294967295"))
    return fmt::format("{} is more than 4294967295", text.size() > 40 ? text.substr(0, 40) + "..." : text);
  return {};
}

}  // namespace

CLI::Validator decimal() {
  return {[](std::string& text) { return refusal_of_number(text); }, "NUMBER"};
}

CLI::Validator not_empty() {
  return {
      [](std::string& text) { return text.empty() ? std::string("is empty; is a variable not set?") : std::string(); },
      "TEXT"};
}

}  // namespace me
