// The table of slots: who is where, under which lock.
#pragma once
#include <array>
#include <cstdint>
#include <expected>

#include "so3/avz/domain.hpp"
#include "so3/avz/spinlock.hpp"

namespace avz {

struct Slot {
  SpinLock lock;
  Domain* domain = nullptr;
  Incarnation incarnation = 0;  // of the last domain that was here
};

extern std::array<Slot, abi::max_domains> slots;

void occupy(Domain& domain);
// Nobody finds the domain any more, and nobody who found it under the lock is still at it.
void vacate(Domain& domain);

// The slot locked, and who is in it: nullptr, nobody.
class LockedSlot {
 public:
  explicit LockedSlot(std::uint32_t slot) : slot_{slots[slot]} { slot_.lock.lock(); }
  ~LockedSlot() { slot_.lock.unlock(); }
  LockedSlot(const LockedSlot&) = delete;
  LockedSlot& operator=(const LockedSlot&) = delete;

  Domain* domain() const { return slot_.domain; }
  // Only if it is still the one meant.
  Domain* domain(Incarnation incarnation) const {
    return slot_.domain != nullptr && slot_.domain->incarnation == incarnation ? slot_.domain : nullptr;
  }

 private:
  Slot& slot_;
};

// Two different slots, locked in ascending order whichever is asked for first.
class LockedPair {
 public:
  LockedPair(std::uint32_t a, std::uint32_t b) : low_{a < b ? a : b}, high_{a < b ? b : a} {}

 private:
  LockedSlot low_, high_;
};

// The ME that a call of the agency is about. bad_argument: no ME has such a slot; not_found: nobody is there.
std::expected<Domain*, abi::Status> find_me(std::uint64_t slot);

// The first free slot for an ME; 0: every one is taken.
std::uint32_t find_free_slot();
std::uint32_t count_mes();

}  // namespace avz
