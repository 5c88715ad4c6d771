// VLOGS: log lines of an ME on their way to the agency.
//
// device/<me>/vlogs/<instance>/{ring-ref, ring-evtchn}: one granted page (the backend reads lines and writes its own
// index), and a channel that each side signals when the other sleeps (abi/byte_ring.hpp).
//
// The ring carries records one after the other, each a header and `length` bytes of text: one line, UTF-8 as the author
// wrote it, without a newline. The line begins with "[ME:<slot>] ". The ME puts that there, so it is a claim: the
// backend knows whose ring it reads, and corrects a line that says otherwise.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "so3/abi/byte_ring.hpp"
#include "so3/abi/layout.hpp"

namespace vlogs {

inline constexpr char type[] = "vlogs";
inline constexpr char key_ring[] = "ring-ref";
inline constexpr char key_channel[] = "ring-evtchn";

inline constexpr std::uint32_t ring_bytes = 2048;
using Ring = abi::ByteRing<ring_bytes>;
static_assert(sizeof(Ring) <= abi::page_size);

struct Record {
  std::uint16_t length;  // of the text, at most line_max
  std::uint8_t level;  // as syslog: 0 emergency ... 3 error, 4 warning, 6 information, 7 debug
  std::uint8_t reserved;  // 0
};
static_assert(sizeof(Record) == 4);

inline constexpr std::size_t line_max = 1000;  // with the prefix; longer messages become several lines
inline constexpr std::uint8_t level_max = 7;

// "[ME:<slot>] ", not NUL-terminated.
class Prefix {
 public:
  constexpr Prefix() = default;  // empty
  explicit constexpr Prefix(std::uint32_t slot) {
    constexpr std::string_view open{"[ME:"};
    for (const char c : open) text_[size_++] = c;
    char digits[10];
    std::size_t n = 0;
    do {
      digits[n++] = static_cast<char>('0' + slot % 10);
      slot /= 10;
    } while (slot != 0);
    while (n != 0) text_[size_++] = digits[--n];
    text_[size_++] = ']';
    text_[size_++] = ' ';
  }
  constexpr operator std::string_view() const { return {text_, size_}; }

 private:
  char text_[16] = {};
  std::size_t size_ = 0;
};
static_assert(std::string_view{Prefix{2}} == "[ME:2] ");

}  // namespace vlogs
