#include "tests/target/avz_selftest/guest.hpp"

namespace selftest {

[[gnu::section(".data")]] Orders orders{};

void say(const char* text) {
  for (std::size_t n = 0; text[n] != 0;) {
    char piece[abi::console_write_max];
    std::size_t k = 0;
    while (k < sizeof piece && text[n] != 0) piece[k++] = text[n++];
    static_cast<void>(hypercall::console_write({piece, k}));
  }
}

void say(const char* text, std::uint64_t number) {
  char digits[21];
  std::size_t at = 20;
  digits[at] = 0;
  do digits[--at] = static_cast<char>('0' + number % 10);
  while (number /= 10);
  say(text);
  say(digits + at);
  say("\n");
}

}  // namespace selftest

extern "C" void run() {
  using namespace selftest;
  if (shared().slot == abi::agency_domain) run_agency();
  else run_me();
}
