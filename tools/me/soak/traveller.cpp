#include "tools/me/soak/traveller.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace me::soak {

using engine::Errc;
using engine::fail;

namespace {

// What a traveller can have written at that age; its clock and ours need not agree.
std::uint64_t count_max(Traveller::Clock::duration age) {
  using traveller::Memory;
  const auto ms = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::milliseconds>(age).count());
  return (2 * ms / Memory::pause_ms + 1) * Memory::words_at_once;
}

}  // namespace

engine::Result<> Traveller::check(std::string_view said, std::string_view place_name) {
  const auto wrong = [&](std::string_view what, std::uint64_t expected) {
    return fail(Errc::failed,
                fmt::format("ME {:x} altered: {} must be {:x}, and it says: {}", instance, what, expected, said));
  };
  unsigned hop = 0;
  unsigned long long count = 0, checksum = 0, gap = 0;
  char state[16] = {}, at[32] = {};
  if (std::sscanf(std::string(said).c_str(), "%*s hop %u count %llu checksum %llx %15s gap %llu us at %31s", &hop,
                  &count, &checksum, state, &gap, at) != 6)
    return fail(Errc::failed, fmt::format("ME {:x} says what no traveller says: {}", instance, said));
  if (std::string_view(state) != "intact") return wrong("its memory as it wrote it", 0);
  if (hop != trips) return wrong("its hops", trips);
  if (count < memory->count()) return wrong("its count at least", memory->count());
  if (const auto most = count_max(Clock::now() - born); count > most) return wrong("its count at most", most);
  while (memory->count() < count)
    if (!memory->write()) return wrong("its memory here", 0);
  if (checksum != memory->checksum()) return wrong("its checksum", memory->checksum());
  if (at != place_name)
    return fail(Errc::failed, fmt::format("ME {:x} is at {} and says {}", instance, place_name, said));
  return {};
}

}  // namespace me::soak
