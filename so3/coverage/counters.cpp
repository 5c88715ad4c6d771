#include "so3/coverage/counters.hpp"

#include <cstdint>

extern "C" {
#include <gcov.h>
extern const gcov_info* const __gcov_info_start[];  // capsule.ld, avz.ld
extern const gcov_info* const __gcov_info_end[];

// What the hosted libgcov refers to, for files that exist: adding is done on the host.
void __gcov_merge_add(long*, unsigned) {}
void __gcov_merge_topn(long*, unsigned) {}
void* mmap(void*, unsigned long, int, int, int, long) { return reinterpret_cast<void*>(-1); }
}

namespace so3 {
namespace {

class HexLines {
 public:
  explicit HexLines(void (*line)(std::string_view)) : line_{line} {}
  ~HexLines() { flush(); }
  void frame(char kind, const void* bytes, std::uint32_t n) {
    put(&kind, 1);
    put(&n, sizeof n);
    put(bytes, n);
  }

 private:
  void put(const void* bytes, std::uint32_t n) {
    constexpr char digits[] = "0123456789abcdef";
    for (std::uint32_t i = 0; i < n; ++i) {
      const auto byte = static_cast<const std::uint8_t*>(bytes)[i];
      text_[filled_++] = digits[byte >> 4];
      text_[filled_++] = digits[byte & 15];
      if (filled_ == sizeof text_) flush();
    }
  }
  void flush() {
    if (filled_ != 0) line_({text_, filled_});
    filled_ = 0;
  }

  void (*line_)(std::string_view);
  char text_[216];  // whole lines, and few: avz bounds how many an ME writes at once
  std::uint32_t filled_ = 0;
};

void name(const char* file, void* lines) {
  static_cast<HexLines*>(lines)->frame('F', file, static_cast<std::uint32_t>(std::string_view{file}.size()));
}
void data(const void* bytes, unsigned n, void* lines) { static_cast<HexLines*>(lines)->frame('D', bytes, n); }
// For profiles of values, which nothing here has.
void* memory(unsigned, void*) { __builtin_trap(); }

}  // namespace

void write_counters(void (*line)(std::string_view digits)) {
  HexLines lines{line};
  const gcov_info* const* info = __gcov_info_start;
  asm("" : "+r"(info));  // two symbols of the linker: not one object to the compiler
  for (; info != __gcov_info_end; ++info) __gcov_info_to_gcda(*info, name, data, memory, &lines);
}

}  // namespace so3
