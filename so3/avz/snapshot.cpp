#include "so3/avz/snapshot.hpp"

#include "so3/arch/counter.hpp"
#include "so3/arch/physical.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/domain.hpp"
#include "so3/avz/domain_build.hpp"
#include "so3/avz/frozen_context.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/slots.hpp"

namespace avz {

using abi::page_size;
using abi::Status;

namespace {

constexpr std::uint64_t end_of_ram(std::uint64_t ram_bytes) { return abi::ram_ipa + ram_bytes; }

}  // namespace

bool Snapshot::promise(Pages& pages, std::uint64_t ram_bytes) {
  reserve_ = static_cast<std::uint32_t>(reserve_for(ram_bytes));
  return reservation_.make(pages, pages_for(ram_bytes));
}

FrozenContext& Snapshot::frozen_context() const { return *arch::physical<FrozenContext>(context_); }

void Snapshot::draw_pages(std::uint64_t ram_bytes) {
  context_ = *reservation_.draw();
  shared_page_ = *reservation_.draw();
  list_ = *reservation_.draw();
  for (std::uint32_t i = 0; i < GrantTable::pages_for(ram_bytes); i++)
    frozen_context().grant_pages[i] = *reservation_.draw();
}

void Snapshot::give_pages_back(std::uint64_t ram_bytes) {
  for (std::uint32_t i = 0; i < GrantTable::pages_for(ram_bytes); i++)
    reservation_.put_back(frozen_context().grant_pages[i]);
  for (const PhysAddr page : {context_, shared_page_, list_}) reservation_.put_back(page);
}

Status Snapshot::prepare(Domain& domain) {
  if (domain.memory.frozen()) return Status::bad_state;
  if (!domain.memory.has_second()) {
    const LockGuard guard{domain.memory.lock()};
    if (domain.memory.begin_second(vmids, reservation_) != Status::ok) return Status::no_memory;
    draw_pages(domain.ram_bytes);
    saved_ = extra_ = 0;
    cursor_ = abi::ram_ipa;
    given_up_ = writer_waits_ = false;
  }
  if (domain.memory.second_is_built()) return Status::ok;
  return domain.memory.build_second(end_of_ram(domain.ram_bytes));
}

Status Snapshot::freeze(Domain& domain) {
  if (!domain.memory.second_is_built()) return Status::bad_state;
  if (given_up_) return Status::no_memory;
  with_registers(domain.vcpu, [](Vcpu& v) { v.domain->snapshot.capture(*v.domain); });
  return given_up_ ? Status::no_memory : Status::ok;
}

// What is in a mapping of somebody else can be written at any moment: it is saved while the ME stands still.
bool Snapshot::save_what_others_write(Domain& domain) {
  const auto save_page = [&](std::uint64_t ipa) {
    Stage2Entry* const page = domain.memory.frozen_page(ipa);
    if (page == nullptr) return true;
    if (!save(ipa, page->address(), true)) return false;
    domain.memory.unfreeze(*page);
    return true;
  };
  for (std::uint32_t i = 0; i < domain.grants.entries(); i++)
    if (const Grant& grant = domain.grants.at(i); grant.written_by_others() && !save_page(grant.ipa())) return false;
  if (domain.lent_pages == 0) return true;
  for (std::uint32_t slot = abi::first_me_slot; slot < slots.size(); slot++) {
    const Domain* borrower = find_domain(slot);
    if (borrower == nullptr || borrower->borrowed.owner != domain.as_peer()) continue;
    if (!save_page(borrower->borrowed.ipa)) return false;
  }
  return true;
}

// On the ME's CPU, with its registers in the Vcpu.
void Snapshot::capture(Domain& domain) {
  Vcpu& v = domain.vcpu;
  FrozenContext& to = frozen_context();
  const LockedSlot own{domain.slot};
  {
    const LockGuard guard{domain.memory.lock()};
    if (!save_what_others_write(domain)) return give_up(domain);
    domain.memory.freeze();
  }
  v.vttbr = domain.memory.vttbr();
  to.counter = arch::physical_counter() - v.cntvoff;
  arch::copy_bytes(&to, &v, offsetof(FrozenContext, fp) + sizeof to.fp);
  to.domcall = v.domcall;
  to.domcall_registered = v.domcall_registered;
  to.waiting = v.run == Run::waiting;
  to.grants = domain.grants.entries();
  domain.grants.copy_to(to.grant_pages);
  domain.events.copy_to(to.channels);
  // The rest of that page means nothing to anybody, and is zero in the copy.
  arch::copy_bytes(arch::physical<void>(shared_page_), domain.shared, sizeof *domain.shared);
}

std::expected<std::uint64_t, Status> Snapshot::context(abi::snapshot::Part part, std::uint8_t* to,
                                                       std::uint64_t room) const {
  const FrozenContext& from = frozen_context();
  switch (part) {
    case abi::snapshot::Part::vcpu: return write_vcpu(from, arch::physical_counter_hz(), to, room);
    case abi::snapshot::Part::events: return write_events(from, to, room);
    case abi::snapshot::Part::grants: return write_grants(from, to, room);
    case abi::snapshot::Part::shared_page:
      if (room < page_size) return std::unexpected{Status::too_big};
      arch::copy_bytes(to, arch::physical<void>(shared_page_), page_size);
      return page_size;
  }
  return std::unexpected{Status::bad_argument};
}

bool Snapshot::end(Domain& domain, bool runs) {
  if (!domain.memory.has_second()) return false;
  const bool switched = domain.memory.frozen();
  {
    const LockGuard guard{domain.memory.lock()};
    domain.memory.thaw();
    let_writer_go_on(domain);
  }
  if (switched && runs) renew_vttbr(domain.vcpu);
  const LockGuard guard{domain.memory.lock()};
  for (std::uint64_t ipa = 0; saved_ != 0;) take_saved(nullptr, ipa);
  give_pages_back(domain.ram_bytes);
  domain.memory.end_second(vmids);
  return true;
}

}  // namespace avz
