#include "so3/avz/coverage.hpp"

#include "so3/avz/console.hpp"
#include "so3/coverage/counters.hpp"

extern "C" void abort() { avz::panic("libgcov gave up"); }

namespace avz {

void print_coverage() {
  so3::write_counters([](std::string_view digits) { print("[avz] gcov:", digits); });
}

}  // namespace avz
