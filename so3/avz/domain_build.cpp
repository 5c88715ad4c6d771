#include "so3/avz/domain_build.hpp"

#include <new>

#include "so3/abi/vbstore.hpp"
#include "so3/abi/version.hpp"
#include "so3/arch/counter.hpp"
#include "so3/arch/physical.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/event_delivery.hpp"
#include "so3/avz/lifecycle.hpp"
#include "so3/avz/place.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/slots.hpp"
#include "so3/avz/trace.hpp"

namespace avz {

using abi::Status;

constinit Pages ram_pages{};
constinit Vmids vmids{};

namespace {

// An ME's own page: the domain, where it begins (Target), and its channels.
struct MeStorage {
  Domain domain;
  std::atomic<std::uint64_t> targets[abi::events_me], channels[abi::events_me];
  PhysAddr window_table;
};
static_assert(sizeof(MeStorage) <= abi::page_size);

// In the order of destruction, so that any prefix of build() can be undone.
void demolish(Domain& domain) {
  Reservation reservation = domain.reservation;
  Pages& pages = reservation.pages();
  domain.grants.destroy(pages);
  domain.window.destroy(pages);
  domain.memory.destroy(vmids, pages);
  domain.snapshot.unpromise();
  pages.release(arch::physical_address(&domain));
  reservation.end();
}

// A page that the domain sees besides its RAM.
std::optional<PhysAddr> add_page(Domain& domain, std::uint64_t ipa) {
  const auto page = domain.reservation.draw();
  if (!page) return std::nullopt;
  arch::clean_to_memory(arch::physical<void>(*page), abi::page_size);  // its zeros
  if (domain.memory.map(ipa, *page, Access::data, domain.reservation) == Status::ok) return page;
  domain.reservation.pages().release(*page);
  return std::nullopt;
}

Status build(Domain& domain, const DomainCreate& wanted) {
  domain.ram_bytes = wanted.ram_bytes;
  domain.instance_id = wanted.instance_id;
  domain.epoch = wanted.epoch;
  domain.cpu = wanted.cpu;
  domain.state = wanted.migrating ? abi::State::migrating : abi::State::booting;
  domain.grants.init(GrantTable::pages_for(wanted.ram_bytes));

  if (!domain.snapshot.promise(domain.reservation.pages(), wanted.ram_bytes)) return Status::no_memory;
  if (const Status s = domain.memory.init(vmids, domain.reservation); s != Status::ok) return s;
  const auto shared = add_page(domain, abi::shared_page_ipa);
  const auto store = add_page(domain, abi::store_page_ipa);
  if (!shared || !store) return Status::no_memory;

  const Domain& agency = *find_domain(abi::agency_domain);
  const auto reference = domain.grants.add(agency.as_peer(), *store, 0, false, domain.reservation);
  if (reference != abi::vbstore::store_page_grant) return Status::no_memory;
  domain.events.set(abi::port_control, Channel::Kind::fixed);
  domain.events.set(abi::port_store, {Channel::Kind::unbound, agency.slot, 0, agency.incarnation});

  domain.shared = arch::physical<abi::SharedPage>(*shared);
  *domain.shared = {};
  domain.shared->magic = abi::shared_page_magic;
  domain.shared->abi_version = abi::version;
  domain.shared->slot = domain.slot;
  domain.shared->state = static_cast<std::uint32_t>(domain.state);
  domain.shared->ram_size = domain.ram_bytes;
  domain.shared->instance_id = domain.instance_id;
  domain.shared->epoch = domain.epoch;
  domain.shared->trace = trace_wanted_of_guests();

  init(domain.vcpu, domain, domain.slot, *domain.shared, domain.memory.vttbr());
  return claim_cpu(domain.vcpu, wanted.cpu, wanted.exclusive_cpu);
}

}  // namespace

std::expected<Domain*, Status> create_me(const DomainCreate& wanted) {
  if (find_free_slot() == 0) return std::unexpected{Status::no_slot};
  Reservation reservation;
  if (!reservation.make(ram_pages, pages_it_uses(wanted.ram_bytes))) return std::unexpected{Status::no_memory};
  return create_me(wanted, reservation);
}

std::expected<Domain*, Status> create_me(const DomainCreate& wanted, Reservation reservation) {
  const std::uint32_t slot = find_free_slot();
  const auto page = reservation.draw();
  if (slot == 0 || !page) {
    if (page) reservation.pages().release(*page);
    reservation.end();
    return std::unexpected{slot == 0 ? Status::no_slot : Status::no_memory};
  }
  auto* storage = new (arch::physical<void>(*page)) MeStorage{};
  Domain& domain = storage->domain;
  domain.window.init(abi::grant_window_ipa, abi::grant_window_pages, &storage->window_table);
  domain.events.init({storage->targets, storage->channels, abi::events_me});
  domain.slot = slot;
  domain.incarnation = slots[slot].incarnation + 1;
  domain.reservation = reservation;
  if (const Status status = build(domain, wanted); status != Status::ok) {
    demolish(domain);
    return std::unexpected{status};
  }
  publish_place(*domain.shared, domain.vcpu.cntvoff);
  publish_time(*domain.shared, arch::physical_counter_hz());
  occupy(domain);
  trace(abi::trace::Kind::state, slot,
        static_cast<std::uint32_t>(abi::State::dead) | static_cast<std::uint32_t>(domain.state) << 8);
  return &domain;
}

void destroy_me(Domain& domain) {
  kill(domain.vcpu);
  {
    const LockedSlot own{domain.slot};
    make_dead(domain);
  }
  vacate(domain);
  static_cast<void>(domain.snapshot.end(domain, false));
  return_loans(domain);
  close_all(domain);
  release_cpu(domain.vcpu);
  for (std::uint32_t i = 0; i < domain.window.count(); i++) unmap_grant(domain, i);
  console_flush(domain.slot);
  arch::forget_instructions();  // a page of its code will be somebody's data, and then perhaps code again
  demolish(domain);
}

}  // namespace avz
