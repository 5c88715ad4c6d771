#include "so3/avz/address_space.hpp"

#include "so3/arch/stage2.hpp"

namespace avz {

using abi::Status;

Status AddressSpace::init(Vmids& vmids, Reservation& reservation) {
  const auto vmid = vmids.take();
  if (!vmid) return Status::no_slot;
  vmid_ = *vmid;
  const Status status = writable_.init(reservation);
  if (status == Status::ok) arch::stage2_flush_all(vttbr());  // what the VMID's last owner left
  return status;
}

void AddressSpace::destroy(Vmids& vmids, Pages& pages) {
  if (vmid_ == 0) return;
  arch::stage2_flush_all(vttbr());
  writable_.destroy(pages, [&](Stage2Entry leaf) { pages.release(leaf.address()); });
  vmids.give_back(vmid_);
  vmid_ = 0;
}

Status AddressSpace::map(std::uint64_t ipa, PhysAddr page, Access access, Reservation& reservation) {
  const Status status = writable_.map_page(ipa, page, access, reservation);
  arch::stage2_entry_added();
  return status;
}

Status AddressSpace::map_range(std::uint64_t ipa, PhysRange range, Access access, Reservation& reservation) {
  const Status status = writable_.map_range(ipa, range, access, reservation);
  arch::stage2_entry_added();
  return status;
}

Stage2Entry AddressSpace::unmap(std::uint64_t ipa) {
  const Stage2Entry before = writable_.unmap_page(ipa);
  if (before.valid()) arch::stage2_flush_page(vttbr(), ipa);
  return before;
}

}  // namespace avz
