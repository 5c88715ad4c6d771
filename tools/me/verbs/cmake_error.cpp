#include "tools/me/verbs/cmake_error.hpp"

#include <fmt/format.h>

namespace me {
namespace {

// "  a line\n  another\n" as "a line another".
std::string joined(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n';
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : c;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace

std::string author_error(std::string_view output, const std::filesystem::path& folder) {
  constexpr std::string_view begin = "CMake Error at ", stack = "Call Stack (most recent call first):\n";
  const auto at = output.find(begin);
  if (at == output.npos) return std::string(output.substr(0, output.find_last_not_of('\n') + 1));
  const auto error = output.substr(at);
  const auto first = error.find('\n');
  const auto calls = error.find(stack);
  const auto text = joined(error.substr(first, (calls == error.npos ? error.find("\n\n\n") : calls) - first));

  // The place: the last of the calls, else the error's own: "FILE:LINE (command)".
  std::string_view place = error.substr(begin.size(), first - begin.size());
  if (calls != error.npos) {
    auto rest = error.substr(calls + stack.size());
    while (rest.starts_with("  ")) {
      const auto end = rest.find('\n');
      place = rest.substr(2, end - 2);
      if (end == rest.npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  place = place.substr(0, place.rfind(" ("));
  if (place.ends_with(':')) place.remove_suffix(1);
  return fmt::format("{}: error: {}", (folder / place).string(), text);
}

}  // namespace me
