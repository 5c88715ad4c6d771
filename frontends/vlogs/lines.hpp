// A message as lines: split at newlines, and where a line would be too long, never inside a UTF-8 character.
#pragma once
#include <cstddef>
#include <string_view>

namespace vlogs {

// for (Lines lines{message, max}; !lines.done();) use(lines.next());
// A newline at the end of the message ends its last line and begins none; an empty message is one empty line.
class Lines {
 public:
  // `max` is at least the 4 bytes of one character.
  constexpr Lines(std::string_view message, std::size_t max) : rest_{message}, max_{max} {}

  constexpr bool done() const { return done_; }

  constexpr std::string_view next() {
    const std::size_t newline = rest_.find('\n');
    const std::size_t end = newline < rest_.size() ? newline : rest_.size();
    if (end > max_) return take(boundary(), 0);
    const auto line = take(end, newline < rest_.size() ? 1 : 0);
    done_ = rest_.empty();
    return line;
  }

 private:
  constexpr std::string_view take(std::size_t n, std::size_t skip) {
    const auto line = rest_.substr(0, n);
    rest_.remove_prefix(n + skip);
    return line;
  }
  // The last character boundary at or before max_. What is no UTF-8 is split anywhere.
  constexpr std::size_t boundary() const {
    std::size_t at = max_;
    while (at > max_ - 3 && (static_cast<unsigned char>(rest_[at]) & 0xc0) == 0x80) --at;
    return at > max_ - 3 || (static_cast<unsigned char>(rest_[at]) & 0xc0) != 0x80 ? at : max_;
  }

  std::string_view rest_;
  std::size_t max_;
  bool done_ = false;
};

}  // namespace vlogs
