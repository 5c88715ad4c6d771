#include "so3/avz/place.hpp"

#include "so3/arch/counter.hpp"
#include "so3/avz/chacha20.hpp"
#include "so3/avz/restored_vcpu.hpp"
#include "so3/avz/slots.hpp"

namespace avz {

namespace {

// Agency's CPU only.
constinit Place here{};
constinit std::array<std::uint32_t, 8> key{};
constinit std::uint32_t blocks = 0;

// Of a signed number of ticks.
std::uint64_t nanoseconds(std::uint64_t ticks) {
  constexpr std::uint64_t second = 1'000'000'000;
  const auto hz = arch::physical_counter_hz();
  const bool negative = static_cast<std::int64_t>(ticks) < 0;
  const auto ns = convert_ticks(negative ? 0 - ticks : ticks, hz, second);
  return negative ? 0 - ns : ns;
}

}  // namespace

void set_place(const Place& place, const std::uint64_t (&entropy)[3]) {
  here = place;
  for (std::size_t i = 0; i < 3; i++) {
    key[2 * i] = static_cast<std::uint32_t>(entropy[i]);
    key[2 * i + 1] = static_cast<std::uint32_t>(entropy[i] >> 32);
  }
  for (std::uint32_t slot = 0; slot < slots.size(); slot++) {
    const LockedSlot locked{slot};
    if (Domain* domain = locked.domain()) publish_place(*domain->shared, domain->vcpu.cntvoff);
  }
}

void publish_place(abi::SharedPage& page, std::uint64_t counter_offset) {
  const std::uint64_t now = arch::physical_counter();
  key[6] ^= static_cast<std::uint32_t>(now);
  key[7] ^= static_cast<std::uint32_t>(now >> 32);
  const auto block = chacha20_block(key, blocks++, {page.slot, 0, 0});
  // The second half becomes the key: what was given out cannot be computed from what is kept.
  for (std::size_t i = 0; i < 8; i++) key[i] = block[8 + i];
  for (std::size_t i = 0; i < 4; i++) page.entropy[i] = block[2 * i] | std::uint64_t{block[2 * i + 1]} << 32;
  page.agency_uid = here.agency_uid;
  for (std::size_t i = 0; i < here.name.size(); i++) page.soo_name[i] = here.name[i];
  page.wall_clock_ns = here.wall_clock_ns == 0 ? 0 : here.wall_clock_ns + nanoseconds(counter_offset);
}

void publish_time(abi::SharedPage& page, std::uint64_t counter_hz) {
  const TimeScale scale = time_scale(counter_hz);
  page.counter_hz = counter_hz;
  page.ns_mult = scale.mult;
  page.ns_shift = scale.shift;
  page.time_generation = page.time_generation + 1;
}

}  // namespace avz
