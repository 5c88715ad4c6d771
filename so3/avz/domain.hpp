// A domain: the agency (slot 0) or an ME, and all it owns.
//
// Locks. Each slot has one, in memory that is never given back. It guards who is in the slot, and of that domain the
// state, the events, the grants it made, the dc_event mailbox. The agency lends it pages and reads its snapshot while
// it runs: the memory has a lock of its own for what is mapped and for the snapshot, and drawing from a reservation
// takes that of Pages. Its grant window is used by the domain itself, which runs on one CPU at a time, and by the agency
// after it died.
// Order: slots in ascending order (LockedPair), then a domain's memory, then Pages or Vmids, or the scheduler. stop(),
// kill(), with_registers() and renew_vttbr() wait for other CPUs: no lock is held around them.
#pragma once
#include <cstdint>
#include <optional>

#include "so3/abi/callbacks.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/avz/address_space.hpp"
#include "so3/avz/events.hpp"
#include "so3/avz/grants.hpp"
#include "so3/avz/snapshot.hpp"
#include "so3/avz/vcpu.hpp"

namespace avz {

// A page of another ME that this one has for the length of a cooperation.
struct Loan {
  Peer owner{};  // incarnation 0: there is none
  std::uint64_t ipa = 0;  // of the owner
};

struct Domain {
  EventTable events;  // first: on the way of every send
  std::uint32_t slot = 0;
  abi::State state = abi::State::booting;
  Incarnation incarnation = 0;

  // What of the ME's own code runs, for what the lifecycle allows only there.
  bool in_domcall = false;  // a domcall is under way, but for those that have come by the short way
  bool cooperates_as_target = false;  // the domcall is cooperate with Role::target
  bool started = false;
  bool paused = false;  // by domain_pause
  std::uint32_t lent_pages = 0;  // of its own
  Loan borrowed;
  std::uint32_t refusals_told = 0;  // changes of state that it was refused, on the console

  abi::CrashReason crash = abi::CrashReason::none;
  std::uint64_t ram_bytes = 0;
  PhysAddr ram = 0;  // contiguous RAM of the agency; an ME has none of that kind
  std::uint64_t instance_id = 0, epoch = 0;
  std::uint32_t cpu = 0;

  struct Identity {
    std::uint64_t spid = 0, spadcaps = 0;
    bool cooperates = false;
  } identity;

  // One dc_event at a time: posted, then answered, then fetched.
  struct Mailbox {
    abi::DcEvent posted = abi::DcEvent::none;
    abi::DcEvent answered = abi::DcEvent::none;
    std::uint64_t result = 0;
  } mailbox;

  Reservation reservation;
  AddressSpace memory;
  Snapshot snapshot;
  GrantTable grants;
  GrantWindow window;
  abi::SharedPage* shared = nullptr;
  Vcpu vcpu;

  bool runs() const { return started && state != abi::State::dead; }
  bool is_agency() const { return slot == abi::agency_domain; }
  Peer as_peer() const { return {slot, incarnation}; }
  bool in_ram(std::uint64_t ipa, std::uint64_t bytes) const {
    return ipa >= abi::ram_ipa && ipa - abi::ram_ipa <= ram_bytes && bytes <= ram_bytes - (ipa - abi::ram_ipa);
  }
};

// The domain in a slot, any number may be asked; nullptr: none. For the agency's calls: only the agency destroys
// domains, so what it finds stays while it is in avz. Everybody else uses LockedSlot.
Domain* find_domain(std::uint64_t slot);

// The page behind an IPA of its RAM, mapped if it was not yet; nullopt: not in its RAM.
std::optional<PhysAddr> ram_page(Domain& domain, std::uint64_t ipa);
// Takes back what is mapped at a place of its grant window: unreachable on return. False: nothing is.
bool unmap_grant(Domain& mapper, std::uint32_t index);
// What it borrowed, and what others borrowed of it, is unreachable for them on return. On the agency's CPU.
void return_loans(Domain& dead);

}  // namespace avz
