#include "so3/avz/slots.hpp"

#include "so3/avz/arguments.hpp"

namespace avz {

constinit std::array<Slot, abi::max_domains> slots{};

void occupy(Domain& domain) {
  Slot& slot = slots[domain.slot];
  const LockGuard guard{slot.lock};
  slot.incarnation = domain.incarnation;
  slot.domain = &domain;
}

void vacate(Domain& domain) {
  Slot& slot = slots[domain.slot];
  const LockGuard guard{slot.lock};
  slot.domain = nullptr;
}

Domain* find_domain(std::uint64_t slot) { return slot < slots.size() ? slots[slot].domain : nullptr; }

std::expected<Domain*, abi::Status> find_me(std::uint64_t slot) {
  if (!decode_me(slot)) return std::unexpected{abi::Status::bad_argument};
  Domain* const me = find_domain(slot);
  if (me == nullptr) return std::unexpected{abi::Status::not_found};
  return me;
}

std::uint32_t find_free_slot() {
  for (std::uint32_t slot = abi::first_me_slot; slot < slots.size(); slot++)
    if (slots[slot].domain == nullptr) return slot;
  return 0;
}

std::uint32_t count_mes() {
  std::uint32_t n = 0;
  for (std::uint32_t slot = abi::first_me_slot; slot < slots.size(); slot++) n += slots[slot].domain != nullptr;
  return n;
}

}  // namespace avz
