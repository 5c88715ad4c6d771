#include "so3/agency/text.hpp"

#include <cstdarg>
#include <cstdio>

#include "so3/image/text.hpp"

namespace agency {

std::string text(const char* format, ...) {
  char line[512];
  std::va_list arguments;
  va_start(arguments, format);
  const int n = std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (n < 0) return {};
  return {line, static_cast<std::size_t>(n) < sizeof line ? static_cast<std::size_t>(n) : sizeof line - 1};
}

std::string printable(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::string shown;
  while (!text.empty()) {
    const auto length = image::utf8_length(text);
    const bool c0 = byte(0) < ' ' || byte(0) == 0x7f;
    const bool c1 = length == 2 && byte(0) == 0xc2 && byte(1) < 0xa0;  // U+009B begins what terminals obey
    if (length == 0 || c0 || c1) shown += '?';
    else shown += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return shown;
}

}  // namespace agency
