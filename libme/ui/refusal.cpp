#include <cstdarg>
#include <cstdio>

#include "me/ui.hpp"

namespace me::ui {

Refusal::Refusal(Error error, const char* format, ...) : error_{error} {
  va_list args;
  va_start(args, format);
  std::vsnprintf(text_.data(), text_.size(), format, args);
  va_end(args);
}

}  // namespace me::ui
