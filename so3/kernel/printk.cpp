#include "so3/kernel/include/so3/printk.h"

#include <string_view>

#include "so3/kernel/format.hpp"
#include "so3/kernel/platform.hpp"

namespace {

constexpr std::size_t line_max = 256;
constexpr int default_level = 6;

void write(const char* fmt, std::va_list args) {
  char line[line_max];
  std::size_t n = kernel::format(line, sizeof line, fmt, args);
  if (n >= sizeof line) {
    constexpr std::string_view cut = "...\n";
    n = sizeof line - 1;
    cut.copy(line + n - cut.size(), cut.size());
  }
  kernel::platform::console_write({line, n});
}

}  // namespace

extern "C" {

int printk_level = default_level;

void vprintk(const char* fmt, std::va_list args) {
  int level = default_level;
  if (fmt[0] == '\001' && fmt[1] != '\0') {
    level = fmt[1] - '0';
    fmt += 2;
  }
  if (level <= printk_level) write(fmt, args);
}

void printk(const char* fmt, ...) {
  std::va_list args;
  va_start(args, fmt);
  vprintk(fmt, args);
  va_end(args);
}

void lprintk(const char* fmt, ...) {
  std::va_list args;
  va_start(args, fmt);
  write(fmt, args);
  va_end(args);
}

}  // extern "C"
