#include "so3/image/wording.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace image {
namespace {

class Line {
 public:
  explicit Line(std::span<char> out) : out_(out) {}
  void put(char c) {
    if (used_ < out_.size()) out_[used_++] = c;
  }
  void put(std::string_view s) {
    for (char c : s) put(c);
  }
  void put(std::uint64_t value, int base) {
    std::array<char, 20> digits;
    auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
    if (base == 16) put("0x");
    put(std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  void put_version(std::uint64_t v) {
    put(v >> 16, 10);
    put('.');
    put(v & 0xffff, 10);
  }
  std::string_view view() const { return {out_.data(), used_}; }

 private:
  std::span<char> out_;
  std::size_t used_ = 0;
};

}  // namespace

std::string_view fill(std::string_view wording, const Values& values, std::span<char> out) {
  Line line(out);
  bool escape = false;
  for (char c : wording) {
    if (!escape) {
      if (c == '%') escape = true;
      else line.put(c);
      continue;
    }
    escape = false;
    switch (c) {
      case 'n': line.put(values.node); break;
      case 'p': line.put(values.property); break;
      case 'f': line.put(values.found, 10); break;
      case 'l': line.put(values.limit, 10); break;
      case 'F': line.put(values.found, 16); break;
      case 'L': line.put(values.limit, 16); break;
      case 'v': line.put_version(values.found); break;
      case 'w': line.put_version(values.limit); break;
      case 'o': line.put(values.offset, 10); break;
      default: break;
    }
  }
  return line.view();
}

}  // namespace image
