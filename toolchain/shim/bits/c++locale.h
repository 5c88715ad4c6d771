// libstdc++'s "generic" locale model: picolibc has no locale_t.
#ifndef _GLIBCXX_CXX_LOCALE_H
#define _GLIBCXX_CXX_LOCALE_H 1
#pragma GCC system_header
#include <clocale>
#define _GLIBCXX_NUM_CATEGORIES 0
namespace std _GLIBCXX_VISIBILITY(default) {
_GLIBCXX_BEGIN_NAMESPACE_VERSION
typedef int* __c_locale;
inline int __convert_from_v(const __c_locale&, char* out, const int size, const char* format, ...) {
  __builtin_va_list args;
  __builtin_va_start(args, format);
  const int n = __builtin_vsnprintf(out, size, format, args);
  __builtin_va_end(args);
  return n;
}
_GLIBCXX_END_NAMESPACE_VERSION
}
#endif
