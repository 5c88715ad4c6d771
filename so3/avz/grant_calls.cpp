#include "so3/abi/vbstore.hpp"
#include "so3/avz/arguments.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/slots.hpp"

namespace avz {

using abi::Status;

// What a mapping held: the granter, if it is still the same, may end the grant when its count is zero.
static void let_go(Pages& pages, MappedGrant mapped, PhysAddr page) {
  {
    const LockedSlot slot{mapped.granter().slot};
    if (Domain* granter = slot.domain(mapped.granter().incarnation))
      granter->grants.find(mapped.reference())->mappings--;
  }
  pages.release(page);
}

bool unmap_grant(Domain& mapper, std::uint32_t index) {
  const MappedGrant mapped = mapper.window.get(index);
  if (mapped.empty()) return false;
  const Stage2Entry entry = mapper.memory.unmap(mapper.window.ipa(index));
  mapper.window.clear(index);
  let_go(mapper.reservation.pages(), mapped, entry.address());
  return true;
}

namespace calls {

void grant_access(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& self = *caller.domain;
  const auto args = GrantAccess::decode(x);
  if (!args || args->remote == self.slot) return answer(x, Status::bad_argument);
  if (!self.in_ram(args->page_ipa, abi::page_size)) return answer(x, Status::bad_argument);
  const auto page = ram_page(self, args->page_ipa);
  if (!page) return answer(x, Status::no_memory);
  const LockedPair both{self.slot, args->remote};
  const Domain* peer = find_domain(args->remote);
  if (peer == nullptr) return answer(x, Status::not_found);
  const auto reference = self.grants.add(peer->as_peer(), *page, args->page_ipa, args->read_only, self.reservation);
  if (!reference) return answer(x, Status::no_memory);
  answer(x, Status::ok, *reference);
}

void grant_end(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& self = *caller.domain;
  const LockedSlot own{self.slot};
  const Grant* grant = self.grants.find(x[1]);
  if (grant == nullptr) return answer(x, Status::not_found);
  if (x[1] == abi::vbstore::store_page_grant && !self.is_agency()) return answer(x, Status::denied);
  if (grant->mappings != 0) return answer(x, Status::busy);
  self.grants.remove(static_cast<GrantTable::Reference>(x[1]));
  answer(x, Status::ok);
}

void grant_map(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& self = *caller.domain;
  const auto args = GrantMap::decode(x);
  if (!args || args->granter == self.slot) return answer(x, Status::bad_argument);
  const auto index = self.window.index(args->ipa);
  if (!index || args->ipa == abi::lent_page_ipa) return answer(x, Status::bad_argument);
  if (!self.window.get(*index).empty()) return answer(x, Status::busy);

  Pages& pages = self.reservation.pages();
  MappedGrant mapped;
  PhysAddr page = 0;
  {
    const LockedSlot slot{args->granter};
    Domain* granter = slot.domain();
    Grant* grant = granter == nullptr ? nullptr : granter->grants.find(args->reference);
    if (grant == nullptr || grant->peer() != self.as_peer()) return answer(x, Status::not_found);
    if (grant->read_only && !args->read_only) return answer(x, Status::denied);
    grant->mappings++;
    page = grant->address();
    pages.hold(page);
    mapped = {granter->as_peer(), static_cast<std::uint32_t>(args->reference)};
    if (!args->read_only) granter->snapshot.before_foreign_write(*granter, grant->ipa());
  }
  Status status = Status::no_memory;
  if (self.window.set(*index, mapped, self.reservation)) {
    status = self.memory.map(args->ipa, page, args->read_only ? Access::read_only : Access::data, self.reservation);
    if (status != Status::ok) self.window.clear(*index);
  }
  if (status != Status::ok) let_go(pages, mapped, page);
  answer(x, status);
}

void grant_unmap(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& self = *caller.domain;
  const auto index = self.window.index(x[1]);
  if (!index) return answer(x, Status::bad_argument);
  answer(x, unmap_grant(self, *index) ? Status::ok : Status::not_found);
}

}  // namespace calls
}  // namespace avz
