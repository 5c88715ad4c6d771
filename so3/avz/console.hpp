// The machine's console: whole lines, each by one writer, prefixed with who wrote it.
#pragma once
#include <cstdint>
#include <string_view>

namespace avz {

// What a domain writes is collected until its line ends; control characters are shown as '?'.
// A line longer than console_line_max goes out in pieces, none of it lost. An ME that writes more lines than its
// LineBudget allows loses them, and a line says how many.
inline constexpr std::uint32_t console_line_max = 240;
void console_write(std::uint32_t slot, std::string_view bytes);
// A slot is used anew: what is left of an unfinished line goes out, and the budget with it.
void console_flush(std::uint32_t slot);

struct Hex {
  std::uint64_t value;
};

// A line of avz itself. Not formatted print: print("avz: ", n, " CPUs").
class Line {
 public:
  Line& operator<<(std::string_view text);
  Line& operator<<(const char* text);
  Line& operator<<(std::uint64_t value);
  Line& operator<<(Hex value);
  ~Line();

 private:
  static constexpr std::uint32_t capacity = 256;
  char text_[capacity];
  std::uint32_t length_ = 0;
};

template <typename... Parts>
void print(Parts... parts) {
  Line line;
  ((line << parts), ...);
}

// Whoever holds the console's lock will not give it back: the machine is ending.
void console_break_lock();

// A broken invariant of avz: says so, with the registers where it is a trap, and ends the machine.
[[noreturn]] void panic(std::string_view what);
[[noreturn]] void machine_off();

}  // namespace avz
