// The memory of one domain as stage 2 shows it: a tree and the VMID it runs under.
//
// While a copy-on-write snapshot is made there is a second tree under a VMID of its own, in which RAM cannot be
// written. It is built beside the first one while the domain runs; then the vCPU's VTTBR is switched, which costs the
// same for any amount of memory. A page is `frozen` there until it is saved or copied out, and then writable again.
// Nobody else names a tree: what is mapped and unmapped here happens in both.
#pragma once
#include <cstdint>

#include "so3/avz/stage2_tree.hpp"
#include "so3/avz/vmid.hpp"

namespace avz {

class AddressSpace {
 public:
  // no_memory: the reservation is used up; no_slot: all VMIDs are in use.
  [[nodiscard]] abi::Status init(Vmids& vmids, Reservation& reservation);
  // Invalidates all translations, lets go of every page and table. The domain runs nowhere any more.
  void destroy(Vmids& vmids, Pages& pages);

  // What the vCPU's VTTBR must be now.
  std::uint64_t vttbr() const { return phase_ == Phase::frozen ? vttbr_of(second_, second_vmid_) : first_vttbr(); }

  // As Stage2Tree, visible to the domain on return. Those that take lock() say so.
  // Takes it.
  [[nodiscard]] abi::Status map(std::uint64_t ipa, PhysAddr page, Access access, Reservation& reservation);
  // Before the domain runs, and for one of which no snapshot is ever made.
  [[nodiscard]] abi::Status map_at_boot(std::uint64_t ipa, PhysRange range, Access access, Reservation& reservation);
  // Takes it. On return no CPU reaches the page through this domain.
  Stage2Entry unmap(std::uint64_t ipa);
  // What the domain may do there when no snapshot is made of it. Others may map meanwhile: an entry is written at once,
  // and tables stay.
  Stage2Entry find(std::uint64_t ipa) const { return first_.find(ipa); }

  // ---- the second tree. Guarded by lock(): these want it held.
  SpinLock& lock() { return lock_; }

  // Its root and VMID, and all of its tables that there will be, from the reservation. no_memory, or no_slot: all
  // VMIDs are in use.
  [[nodiscard]] abi::Status begin_second(Vmids& vmids, Reservation& reservation);
  // Copies a bounded part of the first one, up to `end`. busy: there is more; takes the lock itself.
  [[nodiscard]] abi::Status build_second(std::uint64_t end);
  // vttbr() is the second one's from here on, or the first one's again. What it was remains in use until every CPU has
  // been told. Nothing is cached under the one that it is then: of the first one, that would be what the domain has
  // invalidated under the second.
  void freeze() { phase_ = Phase::frozen; }
  void thaw();
  // There is one, from begin_second() to end_second(); build_second() has ended; vttbr() is its.
  bool has_second() const { return second_vmid_ != 0; }
  bool second_is_built() const { return phase_ == Phase::built; }
  bool frozen() const { return phase_ == Phase::frozen; }
  // Nobody runs under it any more.
  void end_second(Vmids& vmids);

  std::uint64_t frozen_pages() const { return frozen_pages_; }
  // The page, if it is frozen; nullptr: no page, or one that may be written.
  Stage2Entry* frozen_page(std::uint64_t ipa) const;
  // It may be written from here on; a vCPU that has it cached as it was needs forget(), or comes back once more.
  static void unfreeze(Stage2Entry& page) { Stage2Tree::make_writable(page); }
  void forget(std::uint64_t ipa) const;
  bool writable(std::uint64_t ipa) const { return second_.find(ipa).valid() && second_.find(ipa).writable(); }
  // Moves `ipa` to the first frozen page at or behind it; to `end`, when there is none before that. busy: a bounded part
  // was looked at, up to `ipa`.
  [[nodiscard]] abi::Status find_frozen(std::uint64_t& ipa, std::uint64_t end) const;

 private:
  static constexpr int tables_at_once = 8;

  // All but single: what is mapped is mapped in both. building: some of what was there before is not in the second yet.
  enum class Phase : std::uint8_t { single, building, built, frozen };

  static std::uint64_t vttbr_of(const Stage2Tree& tree, Vmid vmid) { return tree.root() | std::uint64_t{vmid} << 48; }
  std::uint64_t first_vttbr() const { return vttbr_of(first_, vmid_); }
  void put_into_second(std::uint64_t ipa, PhysAddr page, Access access);

  SpinLock lock_;
  Stage2Tree first_, second_;
  Vmid vmid_ = 0, second_vmid_ = 0;
  Phase phase_ = Phase::single;
  std::uint64_t built_ = 0;  // up to this IPA
  std::uint64_t frozen_pages_ = 0;  // that were put into the second tree
  Reservation* tables_ = nullptr;  // of the second tree
};

}  // namespace avz
