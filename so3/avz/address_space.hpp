// The memory of one domain as stage 2 shows it: a tree and the VMID it runs under.
//
// The vCPU's VTTBR comes from here, and nowhere else does anybody name a tree: a second, read-only tree under a
// VMID of its own, which a copy-on-write snapshot switches to, is added behind vttbr() and map().
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

  std::uint64_t vttbr() const { return writable_.root() | std::uint64_t{vmid_} << 48; }

  // As Stage2Tree, visible to the domain on return.
  [[nodiscard]] abi::Status map(std::uint64_t ipa, PhysAddr page, Access access, Reservation& reservation);
  [[nodiscard]] abi::Status map_range(std::uint64_t ipa, PhysRange range, Access access, Reservation& reservation);
  // On return no CPU reaches the page through this domain.
  Stage2Entry unmap(std::uint64_t ipa);
  Stage2Entry find(std::uint64_t ipa) const { return writable_.find(ipa); }

 private:
  Stage2Tree writable_;
  Vmid vmid_ = 0;
};

}  // namespace avz
