// A small machine to throw hypercalls at: the agency and a few MEs, whose calls come from bytes.
// Used by the fuzz target and, with random bytes, by the unit tests.
#pragma once
#include <array>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <span>

#include "so3/avz/domain_build.hpp"
#include "tests/unit/avz/fake_machine.hpp"

namespace fuzz {

inline constexpr std::size_t bytes_per_call = 2 + 7 * 9;

class World {
 public:
  World() {
    for (int i = 0; i < 3; i++) machine_.create_started();
  }

  void call(std::span<const std::uint8_t, bytes_per_call> bytes) {
    namespace c = avz::calls;
    static constexpr avz::SlowCall any[] = {c::event_alloc,  c::event_bind,   c::event_close,
                                            c::grant_access, c::grant_access, c::grant_end,
                                            c::grant_map,    c::grant_map,    c::grant_unmap};
    static constexpr avz::SlowCall me[] = {c::crash, c::set_state, c::identity, c::dc_event_done};
    static constexpr avz::SlowCall agency[] = {
        c::domain_create,    c::domain_load,     c::domain_start,     c::domain_destroy,     c::domain_info,
        c::domain_set_state, c::domain_pause,    c::domain_unpause,   c::domain_next_change, c::dc_event_post,
        c::dc_event_result,  c::irq_bind,        c::irq_unmask,       c::place_set,          c::machine_info,
        c::snapshot_prepare, c::snapshot_freeze, c::snapshot_context, c::snapshot_pages,     c::snapshot_end,
        c::domain_restore,   c::page_lend,       c::page_return,      c::trace_control,      c::trace_read,
        c::domain_identity};

    machine_.console.clear();
    avz::Domain* caller = avz::find_domain(std::array{0u, 0u, 2u, 3u, 4u, 5u}[bytes[0] % 6]);
    if (caller == nullptr || caller->state == abi::State::dead) caller = &machine_.agency();
    std::uint64_t x[8] = {};
    for (int i = 1; i < 8; i++) x[i] = value(bytes.subspan(2 + (i - 1) * 9).first<9>());

    const std::uint32_t which = bytes[1];
    if (which < 40) {
      static_cast<void>(machine_.send(*caller, x[1]));
    } else if (which < 50) {
      static_cast<void>(avz::handle_stage2_fault(*caller, x[1], (x[2] & 1) != 0, (x[2] & 2) != 0));
    } else if (which < 150) {
      any[which % std::size(any)](caller->vcpu, x);
    } else if (!caller->is_agency()) {
      me[which % std::size(me)](caller->vcpu, x);
    } else {
      agency[which % std::size(agency)](caller->vcpu, x);
    }
  }

  // What holds after every call.
  void check() {
    const auto count = avz::ram_pages.count();
    require(count.promised <= count.free && count.free <= count.all);
    check_loans();
    for (const avz::Slot& slot : avz::slots) {
      if (slot.domain == nullptr) continue;
      avz::Domain& d = *slot.domain;
      require(d.slot == static_cast<std::uint32_t>(&slot - avz::slots.data()) && d.incarnation == slot.incarnation);
      check_channels(d);
      check_grants(d);
    }
  }

 private:
  static void require(bool ok) {
    if (!ok) std::abort();
  }

  // Values that mean something more often than chance has it, and any value at all.
  static std::uint64_t value(std::span<const std::uint8_t, 9> b) {
    std::uint64_t v = 0;
    for (int i = 1; i < 9; i++) v |= std::uint64_t{b[i]} << 8 * (i - 1);
    switch (b[0] % 9) {
      case 0: return v;
      case 1: return v % 8;
      case 2: return 2 + v % 4;
      case 3: return 8 + v % 6;
      case 4: return abi::ram_ipa + v % 260 * abi::page_size;
      case 5: return abi::grant_window_ipa + v % 6 * abi::page_size;
      case 6: return abi::agency_grant_window_ipa + v % 6 * abi::page_size;
      case 7: return (std::uint64_t{1} << v % 64) - 1 + (v >> 8) % 3;
      default: return abi::ram_min + v % 16 * abi::page_size;
    }
  }

  static void check_channels(const avz::Domain& d) {
    for (std::uint32_t port = 0; port < d.events.count(); port++) {
      const avz::Channel c = d.events.get(port);
      if (c.kind() != avz::Channel::Kind::connected) continue;
      const avz::Domain* peer = avz::find_domain(c.slot());
      require(peer != nullptr && peer->incarnation == c.incarnation());
      require(peer->events.get(c.port()) == avz::Channel{avz::Channel::Kind::connected, d.slot, port, d.incarnation});
    }
  }

  // A page that is lent is the owner's, and the owner knows how many are.
  static void check_loans() {
    std::array<std::uint32_t, abi::max_domains> lent{};
    for (const avz::Slot& slot : avz::slots) {
      if (slot.domain == nullptr || slot.domain->borrowed.owner == avz::Peer{}) continue;
      const avz::Domain* owner = avz::find_domain(slot.domain->borrowed.owner.slot);
      require(owner != nullptr && owner->as_peer() == slot.domain->borrowed.owner);
      const auto entry = slot.domain->memory.find(abi::lent_page_ipa);
      require(entry.valid() && !entry.executable());
      require(entry.address() == owner->memory.find(slot.domain->borrowed.ipa).address());
      lent[owner->slot]++;
    }
    for (const avz::Slot& slot : avz::slots)
      if (slot.domain != nullptr) require(slot.domain->lent_pages == lent[slot.domain->slot]);
  }

  // Every mapping is counted where it was granted, and shows the page that was granted.
  static void check_grants(avz::Domain& granter) {
    for (std::uint64_t reference = 0;; reference++) {
      const avz::Grant* grant = granter.grants.find(reference);
      if (grant == nullptr) {
        if (reference >= 4096) break;
        continue;
      }
      std::uint32_t found = 0;
      if (avz::Domain* peer = avz::find_domain(grant->peer().slot); peer != nullptr) {
        for (std::uint32_t i = 0; i < 512 && i < peer->window.count(); i++) {
          const avz::MappedGrant m = peer->window.get(i);
          if (m.empty() || m.granter() != granter.as_peer() || m.reference() != reference) continue;
          found++;
          const avz::Stage2Entry entry = peer->memory.find(peer->window.ipa(i));
          require(entry.valid() && entry.address() == grant->address() && !entry.executable());
          require(!grant->read_only || !entry.writable());
        }
      }
      require(found == grant->mappings);
    }
  }

  fake::Machine machine_{32 << 20};
};

}  // namespace fuzz
