#include "so3/kernel/clock.hpp"

#include <algorithm>

#include "so3/arch/clock.hpp"
#include "so3/kernel/include/so3/time.h"
#include "so3/kernel/shared.hpp"

namespace kernel {

std::uint64_t now_ns() {
  const auto& page = shared();
  for (;;) {
    const auto generation = read_shared(page.time_generation);
    __extension__ using Wide = unsigned __int128;
    const auto ns = static_cast<std::uint64_t>((Wide{arch::counter()} * read_shared(page.ns_mult)) >>
                                               (read_shared(page.ns_shift) & 63));
    if (generation == read_shared(page.time_generation)) return ns;  // else moved to another board in between
  }
}

std::uint64_t counter_at(std::uint64_t ns) {
  constexpr std::uint64_t second = 1'000'000'000;
  const std::uint64_t from = arch::counter();
  const std::uint64_t now = now_ns();
  const std::uint64_t ahead = ns > now ? std::min(ns - now, 4 * second) : 0;
  return from + (ahead * read_shared(shared().counter_hz) + second - 1) / second;
}

}  // namespace kernel

extern "C" {

std::uint64_t clock_monotonic_ns() { return kernel::now_ns(); }

std::uint64_t clock_wall_ns() {
  const auto start = kernel::read_shared(kernel::shared().wall_clock_ns);
  return start != 0 ? start + kernel::now_ns() : 0;
}

}  // extern "C"
