#include "so3/avz/slots.hpp"

#include <utility>

namespace avz {

constinit std::array<Slot, abi::max_domains> slots{};

namespace {

constinit abi::SharedPage nobody{};

using SharedPages = std::array<std::atomic<abi::SharedPage*>, abi::max_domains>;
constexpr SharedPages all_nobody() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return SharedPages{((void)I, &nobody)...};
  }(std::make_index_sequence<abi::max_domains>{});
}

}  // namespace

constinit SharedPages shared_pages = all_nobody();

void occupy(Domain& domain) {
  Slot& slot = slots[domain.slot];
  const LockGuard guard{slot.lock};
  slot.incarnation = domain.incarnation;
  slot.domain = &domain;
  shared_pages[domain.slot].store(domain.shared, std::memory_order_relaxed);
}

void vacate(Domain& domain) {
  Slot& slot = slots[domain.slot];
  const LockGuard guard{slot.lock};
  slot.domain = nullptr;
  shared_pages[domain.slot].store(&nobody, std::memory_order_relaxed);
}

Domain* find_domain(std::uint64_t slot) { return slot < slots.size() ? slots[slot].domain : nullptr; }

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
