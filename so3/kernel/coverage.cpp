// Not instrumented itself.
#include "so3/kernel/coverage.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "so3/kernel/include/so3/printk.h"

extern "C" {
#include <gcov.h>
extern const gcov_info* const __gcov_info_start[];  // capsule.ld
extern const gcov_info* const __gcov_info_end[];

// What the hosted libgcov refers to, for files that exist: adding is done on the host.
void __gcov_merge_add(long*, unsigned) {}
void __gcov_merge_topn(long*, unsigned) {}
void* mmap(void*, std::size_t, int, int, int, long) { return reinterpret_cast<void*>(-1); }
}

namespace kernel {
namespace {

class HexLines {
 public:
  ~HexLines() { flush(); }
  void frame(char kind, const void* bytes, std::uint32_t n) {
    put(&kind, 1);
    put(&n, sizeof n);
    put(bytes, n);
  }

 private:
  void put(const void* bytes, std::size_t n) {
    constexpr char digits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < n; ++i) {
      const auto byte = static_cast<const std::uint8_t*>(bytes)[i];
      text_[filled_++] = digits[byte >> 4];
      text_[filled_++] = digits[byte & 15];
      if (filled_ == sizeof text_) flush();
    }
  }
  void flush() {
    if (filled_ != 0) lprintk("gcov:%.*s\n", static_cast<int>(filled_), text_);
    filled_ = 0;
  }

  char text_[216];  // whole lines, and few: avz bounds how many an ME writes at once
  std::size_t filled_ = 0;
};

void name(const char* file, void* lines) {
  static_cast<HexLines*>(lines)->frame('F', file, static_cast<std::uint32_t>(std::strlen(file)));
}
void data(const void* bytes, unsigned n, void* lines) { static_cast<HexLines*>(lines)->frame('D', bytes, n); }
void* memory(unsigned n, void*) { return std::malloc(n); }

}  // namespace

void print_coverage() {
  HexLines lines;
  const gcov_info* const* info = __gcov_info_start;
  asm("" : "+r"(info));  // two symbols of the linker: not one object to the compiler
  for (; info != __gcov_info_end; ++info) __gcov_info_to_gcda(*info, name, data, memory, &lines);
}

}  // namespace kernel
