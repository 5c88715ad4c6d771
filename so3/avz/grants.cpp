#include "so3/avz/grants.hpp"

#include "so3/arch/physical.hpp"

namespace avz {

Grant& GrantTable::entry(Reference reference) {
  return arch::physical<Grant>(pages_[reference / per_page])[reference % per_page];
}

std::optional<GrantTable::Reference> GrantTable::add(Peer peer, PhysAddr page, std::uint64_t ipa, bool read_only,
                                                     Reservation& reservation) {
  Reference reference = first_free_;
  if (reference != none) {
    first_free_ = entry(reference).page;
  } else {
    if (used_ == most_) return std::nullopt;
    if (used_ % per_page == 0) {
      const auto more = reservation.draw();
      if (!more) return std::nullopt;
      pages_[used_ / per_page] = *more;
    }
    reference = used_++;
  }
  entry(reference) = {.incarnation = peer.incarnation,
                      .slot = peer.slot,
                      .used = 1,
                      .read_only = read_only,
                      .page = page / abi::page_size & none,
                      .mappings = 0,
                      .ram_page = ipa == 0 ? 0 : ((ipa - abi::ram_ipa) / abi::page_size + 1) & 0x1f'ffff};
  return reference;
}

Grant* GrantTable::find(std::uint64_t reference) {
  if (reference >= used_) return nullptr;
  Grant& grant = entry(static_cast<Reference>(reference));
  return grant.used ? &grant : nullptr;
}

void GrantTable::remove(Reference reference) {
  Grant& grant = entry(reference);
  grant = {};
  grant.page = first_free_;
  first_free_ = reference;
}

void GrantTable::copy_to(const PhysAddr (&pages)[pages_max]) const {
  for (std::uint32_t first = 0; first < used_; first += per_page) {
    const std::uint32_t n = used_ - first < per_page ? used_ - first : per_page;
    arch::copy_bytes(arch::physical<void>(pages[first / per_page]), arch::physical<void>(pages_[first / per_page]),
                     n * sizeof(Grant));
  }
}

void GrantTable::destroy(Pages& pages) {
  for (PhysAddr& page : pages_) {
    if (page != 0) pages.release(page);
    page = 0;
  }
  used_ = most_ = 0;
  first_free_ = none;
}

MappedGrant* GrantWindow::place(std::uint32_t index) const {
  const PhysAddr page = pages_[index / per_page];
  return page == 0 ? nullptr : &arch::physical<MappedGrant>(page)[index % per_page];
}

MappedGrant GrantWindow::get(std::uint32_t index) const {
  const MappedGrant* at = place(index);
  return at == nullptr ? MappedGrant{} : *at;
}

bool GrantWindow::set(std::uint32_t index, MappedGrant mapped, Reservation& reservation) {
  if (pages_[index / per_page] == 0) {
    const auto page = reservation.draw();
    if (!page) return false;
    pages_[index / per_page] = *page;
  }
  *place(index) = mapped;
  return true;
}

void GrantWindow::clear(std::uint32_t index) { *place(index) = {}; }

void GrantWindow::destroy(Pages& pages) {
  for (std::uint32_t i = 0; i * per_page < count_; i++) {
    if (pages_[i] != 0) pages.release(pages_[i]);
    pages_[i] = 0;
  }
  count_ = 0;
}

}  // namespace avz
