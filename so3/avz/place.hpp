// The place this machine is: what every domain is told in its shared page, and where entropy comes from.
#pragma once
#include <array>
#include <cstdint>

#include "so3/abi/shared_page.hpp"

namespace avz {

struct Place {
  std::uint64_t agency_uid = 0;
  std::array<char, 16> name{};
  std::uint64_t wall_clock_ns = 0;
};

// From the engine, through the agency. Published to the domains there are and to those to come.
void set_place(const Place& place, const std::uint64_t (&entropy)[3]);

// Writes the place and fresh entropy into a shared page. The domain's counter is so much behind the machine's: what the
// wall clock was at its zero is another time then.
void publish_place(abi::SharedPage& page, std::uint64_t counter_offset);
// Writes how the counter counts.
void publish_time(abi::SharedPage& page, std::uint64_t counter_hz);

// nanoseconds = (counter * mult) >> shift: exact where a shift of at most 32 makes it so, else as near as 32 bits are.
struct TimeScale {
  std::uint32_t mult, shift;
};
constexpr TimeScale time_scale(std::uint64_t counter_hz) {
  constexpr std::uint64_t second = 1'000'000'000;
  if (counter_hz == 0) return {0, 0};
  TimeScale best{0, 0};
  for (std::uint32_t shift = 0; shift <= 32; shift++) {
    const std::uint64_t scaled = second << shift;
    if (scaled / counter_hz > ~std::uint32_t{0}) break;
    best = {static_cast<std::uint32_t>(scaled / counter_hz), shift};
    if (scaled % counter_hz == 0) break;
  }
  return best;
}
static_assert(time_scale(62'500'000).mult == 16 && time_scale(62'500'000).shift == 0);
static_assert(time_scale(1'000'000'000).mult == 1);

}  // namespace avz
