// The character classes of picolibc's <ctype.h>, as libstdc++ names them.
#pragma GCC system_header
namespace std _GLIBCXX_VISIBILITY(default) {
_GLIBCXX_BEGIN_NAMESPACE_VERSION
struct ctype_base {
  typedef const int* __to_type;
  typedef unsigned char mask;
  static const mask upper = 01, lower = 02, digit = 04, space = 010, punct = 020, cntrl = 040, blank = 0200;
  static const mask xdigit = digit | 0100, alpha = upper | lower;
  static const mask alnum = alpha | digit, graph = alnum | punct, print = graph | blank;
};
_GLIBCXX_END_NAMESPACE_VERSION
}
