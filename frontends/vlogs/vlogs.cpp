// The public calls: <vlogs/vlogs.h>.
#include <vlogs/vlogs.h>
#include <vlogs/vlogs.hpp>

#include <algorithm>
#include <cstdlib>

#include "frontends/vlogs/log.hpp"
#include "so3/arch/context.hpp"
#include "so3/kernel/format.hpp"
#include "so3/kernel/include/so3/domcall.h"

namespace vlogs {
namespace {

std::uint8_t clamp(int level) { return static_cast<std::uint8_t>(std::clamp<int>(level, 0, level_max)); }

// Interrupt handlers must not use the heap; a domcall, with interrupts masked too, may.
bool heap_allowed() { return !arch::irqs_masked() || in_domcall(); }

}  // namespace

bool write(Level level, std::string_view message) {
  return log_of_this_me().write(clamp(static_cast<int>(level)), message);
}

}  // namespace vlogs

int vlogs_vwrite(vlogs_level_t level, const char* format, va_list args) {
  vlogs::Log& log = vlogs::log_of_this_me();
  va_list again;
  va_copy(again, args);
  char text[256];
  const std::size_t length = kernel::format(text, sizeof text, format, args);
  int result = -1;
  if (length < sizeof text) {
    result = log.write(vlogs::clamp(level), {text, length}) ? 0 : -1;
  } else if (auto* const long_text = vlogs::heap_allowed() ? static_cast<char*>(std::malloc(length + 1)) : nullptr) {
    kernel::format(long_text, length + 1, format, again);
    result = log.write(vlogs::clamp(level), {long_text, length}) ? 0 : -1;
    std::free(long_text);
  } else {
    log.count_lost();
  }
  va_end(again);
  return result;
}

int vlogs_write(vlogs_level_t level, const char* format, ...) {
  va_list args;
  va_start(args, format);
  const int result = vlogs_vwrite(level, format, args);
  va_end(args);
  return result;
}

void logs(const char* format, ...) {
  va_list args;
  va_start(args, format);
  static_cast<void>(vlogs_vwrite(VLOGS_INFO, format, args));
  va_end(args);
}

bool vlogs_ready(void) { return vlogs::log_of_this_me().is_open(); }
