#include "so3/kernel/format.hpp"

#include <cstdint>
#include <cstring>

namespace kernel {
namespace {

class Output {
 public:
  Output(char* to, std::size_t size) : to_{to}, size_{size} {}
  void put(char c) {
    if (length_ + 1 < size_) to_[length_] = c;
    ++length_;
  }
  void put(const char* text, std::size_t n) {
    const std::size_t room = length_ + 1 < size_ ? size_ - 1 - length_ : 0;
    if (room != 0) std::memcpy(to_ + length_, text, n < room ? n : room);
    length_ += n;
  }
  void repeat(char c, int n) {
    for (; n > 0; --n) put(c);
  }
  std::size_t finish() {
    if (size_ != 0) to_[length_ < size_ ? length_ : size_ - 1] = '\0';
    return length_;
  }

 private:
  char* to_;
  std::size_t size_;
  std::size_t length_ = 0;
};

struct Spec {
  bool left = false, zero = false, plus = false, space = false, alternate = false;
  int width = 0;
  int precision = -1;
  int size = 0;  // hh -2, h -1, none 0, l/ll/z/t/j 1
};

void pad_text(Output& out, const Spec& spec, const char* text, int length) {
  if (!spec.left) out.repeat(' ', spec.width - length);
  out.put(text, static_cast<std::size_t>(length));
  if (spec.left) out.repeat(' ', spec.width - length);
}

struct Radix {
  unsigned base;
  bool upper;
  const char* prefix;
};

void number(Output& out, const Spec& spec, std::uint64_t v, Radix radix, const char* sign) {
  char digits[24];
  int n = 0;
  const char* const alphabet = radix.upper ? "0123456789ABCDEF" : "0123456789abcdef";
  const char* const prefix = spec.alternate && v != 0 ? radix.prefix : "";
  for (; v != 0; v /= radix.base) digits[n++] = alphabet[v % radix.base];
  const int precision = spec.precision < 0 ? 1 : spec.precision;
  int zeros = precision > n ? precision - n : 0;
  int length = n + zeros;
  for (const char* p = sign; *p != '\0'; ++p) ++length;
  for (const char* p = prefix; *p != '\0'; ++p) ++length;
  const bool zero_fill = spec.zero && !spec.left && spec.precision < 0;
  if (zero_fill && spec.width > length) {
    zeros += spec.width - length;
    length = spec.width;
  }
  if (!spec.left) out.repeat(' ', spec.width - length);
  for (const char* p = sign; *p != '\0'; ++p) out.put(*p);
  for (const char* p = prefix; *p != '\0'; ++p) out.put(*p);
  out.repeat('0', zeros);
  while (n > 0) out.put(digits[--n]);
  if (spec.left) out.repeat(' ', spec.width - length);
}

// A va_list as a reference: an argument is taken where it is needed.
struct Arguments {
  std::va_list list;

  std::int64_t signed_of(int size) {
    if (size > 0) return va_arg(list, std::int64_t);
    const int v = va_arg(list, int);
    return size == -2 ? static_cast<signed char>(v) : size == -1 ? static_cast<short>(v) : v;
  }
  std::uint64_t unsigned_of(int size) {
    if (size > 0) return va_arg(list, std::uint64_t);
    const unsigned v = va_arg(list, unsigned);
    return size == -2 ? static_cast<unsigned char>(v) : size == -1 ? static_cast<unsigned short>(v) : v;
  }
};

const char* parse(const char* f, Spec& spec, Arguments& args) {
  for (;; ++f) {
    if (*f == '-') spec.left = true;
    else if (*f == '0') spec.zero = true;
    else if (*f == '+') spec.plus = true;
    else if (*f == ' ') spec.space = true;
    else if (*f == '#') spec.alternate = true;
    else break;
  }
  const auto value = [&](int& to) {
    if (*f == '*') {
      to = va_arg(args.list, int);
      ++f;
      return;
    }
    for (to = 0; *f >= '0' && *f <= '9'; ++f)
      if (to < 100000) to = to * 10 + (*f - '0');
  };
  value(spec.width);
  if (spec.width < 0) {
    spec.left = true;
    spec.width = -spec.width;
  }
  if (*f == '.') {
    ++f;
    value(spec.precision);
  }
  for (;; ++f) {
    if (*f == 'h') --spec.size;
    else if (*f == 'l' || *f == 'z' || *f == 't' || *f == 'j') spec.size = 1;
    else return f;
  }
}

void text(Output& out, const Spec& spec, const char* s) {
  if (s == nullptr) s = "(null)";
  int length = 0;
  while ((spec.precision < 0 || length < spec.precision) && s[length] != '\0') ++length;
  pad_text(out, spec, s, length);
}

void convert(Output& out, char conversion, Spec& spec, Arguments& args) {
  switch (conversion) {
    case 'd':
    case 'i': {
      const std::int64_t v = args.signed_of(spec.size);
      const char* const sign = v < 0 ? "-" : spec.plus ? "+" : spec.space ? " " : "";
      const auto magnitude = v < 0 ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
      return number(out, spec, magnitude, {10, false, ""}, sign);
    }
    case 'u': return number(out, spec, args.unsigned_of(spec.size), {10, false, ""}, "");
    case 'x': return number(out, spec, args.unsigned_of(spec.size), {16, false, "0x"}, "");
    case 'X': return number(out, spec, args.unsigned_of(spec.size), {16, true, "0X"}, "");
    case 'o': return number(out, spec, args.unsigned_of(spec.size), {8, false, "0"}, "");
    case 'p':
      spec.alternate = true;
      return number(out, spec, reinterpret_cast<std::uintptr_t>(va_arg(args.list, void*)), {16, false, "0x"}, "");
    case 'c': {
      const char c = static_cast<char>(va_arg(args.list, int));
      return pad_text(out, spec, &c, 1);
    }
    case 's': return text(out, spec, va_arg(args.list, const char*));
    case '%': return out.put('%');
    default:  // shown as it is, so that the author sees it
      out.put('%');
      out.put(conversion);
  }
}

}  // namespace

std::size_t format(char* to, std::size_t size, const char* fmt, std::va_list list) {
  Output out{to, size};
  Arguments args;
  va_copy(args.list, list);
  for (const char* f = fmt;;) {
    const char* const literal = f;
    while (*f != '\0' && *f != '%') ++f;
    out.put(literal, static_cast<std::size_t>(f - literal));
    if (*f == '\0') break;
    Spec spec;
    f = parse(f + 1, spec, args);
    if (*f == '\0') break;
    convert(out, *f++, spec, args);
  }
  va_end(args.list);
  return out.finish();
}

}  // namespace kernel
