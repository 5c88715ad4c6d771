#include "so3/avz/address_space.hpp"

#include "so3/arch/stage2.hpp"
#include "so3/avz/console.hpp"

namespace avz {

using abi::Status;

Status AddressSpace::init(Vmids& vmids, Reservation& reservation) {
  const auto vmid = vmids.take();
  if (!vmid) return Status::no_slot;
  vmid_ = *vmid;
  const Status status = first_.init(reservation);
  if (status == Status::ok) arch::stage2_flush_all(first_vttbr());  // what the VMID's last owner left
  return status;
}

void AddressSpace::destroy(Vmids& vmids, Pages& pages) {
  if (vmid_ == 0) return;
  arch::stage2_flush_all(first_vttbr());
  first_.destroy(pages, [](auto& releasing, Stage2Entry leaf) { releasing.release(leaf.address()); });
  vmids.give_back(vmid_);
  vmid_ = 0;
}

Status AddressSpace::map(std::uint64_t ipa, PhysAddr page, Access access, Reservation& reservation) {
  const LockGuard guard{lock_};
  const Status status = first_.map_page(ipa, page, access, reservation);
  if (status == Status::ok && phase_ != Phase::single) put_into_second(ipa, page, access);
  arch::stage2_entry_added();
  return status;
}

Status AddressSpace::map_at_boot(std::uint64_t ipa, PhysRange range, Access access, Reservation& reservation) {
  const Status status = first_.map_range(ipa, range, access, reservation);
  arch::stage2_entry_added();
  return status;
}

Stage2Entry AddressSpace::unmap(std::uint64_t ipa) {
  const LockGuard guard{lock_};
  const Stage2Entry before = first_.unmap_page(ipa);
  if (before.valid()) arch::stage2_flush_page(first_vttbr(), ipa);
  if (second_.root() != 0 && second_.unmap_page(ipa).valid())
    arch::stage2_flush_page(vttbr_of(second_, second_vmid_), ipa);
  return before;
}

void AddressSpace::put_into_second(std::uint64_t ipa, PhysAddr page, Access access) {
  // What comes after the freeze is not in the snapshot.
  const bool freezes = access == Access::ram && phase_ != Phase::frozen;
  const Status status = second_.map_page(ipa, page, freezes ? Access::frozen : access, *tables_);
  if (status != Status::ok) panic("a table that was promised for a snapshot does not exist");
  frozen_pages_ += freezes;
}

Status AddressSpace::begin_second(Vmids& vmids, Reservation& reservation) {
  const auto vmid = vmids.take_for_snapshot();
  if (!vmid) return Status::no_slot;
  if (second_.init(reservation) != Status::ok) {
    vmids.give_back(*vmid);
    return Status::no_memory;
  }
  second_vmid_ = *vmid;
  tables_ = &reservation;
  built_ = abi::domain_base;
  frozen_pages_ = 0;
  phase_ = Phase::building;
  arch::stage2_flush_all(vttbr_of(second_, second_vmid_));
  return Status::ok;
}

Status AddressSpace::build_second(std::uint64_t end) {
  for (int n = 0; built_ < end; built_ += block_size) {
    const LockGuard guard{lock_};
    const Stage2Entry* const from = first_.leaves(built_);
    if (from == nullptr) continue;
    if (n++ == tables_at_once) return Status::busy;
    Stage2Entry* const to = second_.make_leaves(built_, *tables_);
    if (to == nullptr) panic("a table that was promised for a snapshot does not exist");
    const bool ram = built_ >= abi::ram_ipa;
    for (std::uint64_t i = 0; i < table_entries; i++) {
      if (!from[i].valid() || to[i].valid()) continue;
      to[i] = ram ? from[i].without_write() : from[i];
      frozen_pages_ += ram;
    }
  }
  phase_ = Phase::built;
  arch::stage2_entry_added();
  return Status::ok;
}

void AddressSpace::thaw() {
  if (phase_ == Phase::frozen) arch::stage2_flush_all(first_vttbr());
  phase_ = Phase::single;
}

void AddressSpace::end_second(Vmids& vmids) {
  arch::stage2_flush_all(vttbr_of(second_, second_vmid_));
  second_.give_back_tables(*tables_);
  vmids.give_back(second_vmid_);
  second_vmid_ = 0;
}

Stage2Entry* AddressSpace::frozen_page(std::uint64_t ipa) const {
  if (ipa < abi::ram_ipa) return nullptr;
  Stage2Entry* const page = second_.leaf(ipa);
  return page != nullptr && page->valid() && !page->writable() ? page : nullptr;
}

void AddressSpace::forget(std::uint64_t ipa) const { arch::stage2_flush_page(vttbr_of(second_, second_vmid_), ipa); }

Status AddressSpace::find_frozen(std::uint64_t& ipa, std::uint64_t end) const {
  for (int n = 0; ipa < end;) {
    const Stage2Entry* const leaves = second_.leaves(ipa);
    const std::uint64_t next_table = (ipa / block_size + 1) * block_size;
    if (leaves == nullptr) {
      ipa = next_table;
      continue;
    }
    if (n++ == tables_at_once) return Status::busy;
    for (std::uint64_t i = table_index(ipa, 3); i < table_entries; i++, ipa += abi::page_size)
      if (leaves[i].valid() && !leaves[i].writable()) return Status::ok;
  }
  ipa = end;
  return Status::ok;
}

}  // namespace avz
