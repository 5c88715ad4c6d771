#include "so3/agency/text.hpp"

#include <cstdarg>
#include <cstdio>

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

}  // namespace agency
