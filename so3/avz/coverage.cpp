#include "so3/avz/coverage.hpp"

#include "so3/avz/console.hpp"
#include "so3/coverage/counters.hpp"

// What libgcov wants of a C library.
extern "C" {
void abort() { avz::panic("libgcov gave up"); }
unsigned long strlen(const char* text) {
  unsigned long n = 0;
  while (text[n] != 0) ++n;
  return n;
}
}

namespace avz {

void print_coverage() {
  so3::write_counters([](std::string_view digits) { print("[avz] gcov:", digits); });
}

}  // namespace avz
