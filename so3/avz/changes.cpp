#include "so3/avz/changes.hpp"

#include <array>
#include <atomic>
#include <bit>

#include "so3/avz/event_delivery.hpp"
#include "so3/avz/slots.hpp"

namespace avz {

namespace {

constexpr std::uint32_t words = (abi::max_domains + 63) / 64;
constinit std::array<std::atomic<std::uint64_t>, words> changed{};
constinit std::uint32_t turn = 0;  // agency only: the slot to look at first

}  // namespace

void note_change(std::uint32_t slot) {
  changed[slot / 64].fetch_or(std::uint64_t{1} << slot % 64, std::memory_order_release);
}

void signal_changes() {
  const LockedSlot agency{abi::agency_domain};
  if (Domain* domain = agency.domain()) deliver(*domain, abi::port_control);
}

std::uint32_t next_change() {
  for (std::uint32_t i = 0; i <= words; i++) {
    const std::uint32_t word = (turn / 64 + i) % words;
    // The word of the turn is looked at twice: from the turn on at first, whole at the end.
    const std::uint64_t from = i == 0 ? ~std::uint64_t{0} << turn % 64 : ~std::uint64_t{0};
    const std::uint64_t candidates = changed[word].load(std::memory_order_relaxed) & from;
    if (candidates == 0) continue;
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(candidates));
    changed[word].fetch_and(~(std::uint64_t{1} << bit), std::memory_order_acquire);
    const std::uint32_t slot = word * 64 + bit;
    turn = (slot + 1) % abi::max_domains;
    return slot;
  }
  return 0;
}

}  // namespace avz
