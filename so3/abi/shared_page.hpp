// One page per domain, mapped at shared_page_ipa, outside the domain's RAM.
//
// The domain may write all of it, so avz reads back only what harms nobody but the writer: the pending words
// (a lost bit is the domain's own loss) and `critical`. What avz publishes (state, identity, time) is a copy.
#pragma once
#include <cstddef>
#include <cstdint>

#include "so3/abi/layout.hpp"

namespace abi {

inline constexpr std::uint32_t shared_page_magic = 0x336f'6f53;  // "Soo3", little-endian

// Event channels, two levels. Send: set the bit in pending[port / 64]; if that word was 0, set its bit in
// `selector`; if that was 0 too, ring the doorbell (virtual interrupt). Receive: acknowledge the interrupt
// first (hvc #1), swap selector with 0, swap each selected word with 0, then handle: a sender that comes
// after the swap sees 0 and rings again, one that came before it is in the word. Nothing is ever lost.
// A sender that finds its bit set reads only. So the receiver needs a full barrier (dmb ish) between the swaps and
// the handling: a swap alone lets later loads pass its store, and they would miss what such a sender wrote.
// A domcall sets `selector` bits of its own domain without a call: avz looks at the selector whenever it lets a
// held vCPU go on.
inline constexpr std::uint32_t event_words = 63;
inline constexpr std::uint32_t events_agency = event_words * 64;
inline constexpr std::uint32_t events_me = 128;
inline constexpr std::uint64_t selector_timer = std::uint64_t{1} << 63;  // not a port: the virtual timer fired

// Ports every domain has from the start; the rest is allocated (hypercall.hpp).
inline constexpr std::uint32_t port_none = 0;     // never signalled
inline constexpr std::uint32_t port_control = 1;  // ME: a dc_event, a stop request, or the agency changed its state.
                                                  // Agency: a domain changed (see domain_next_change)
inline constexpr std::uint32_t port_store = 2;    // ME: vbstore messages; unbound until the agency binds it
inline constexpr std::uint32_t port_first_free = 8;

struct SharedPage {
  std::uint32_t magic;
  std::uint32_t abi_version;

  // Events: written by both sides.
  std::uint64_t selector;
  std::uint64_t pending[event_words];

  // Written by the domain. Nesting depth of sections in which the vCPU must not be stopped for a domcall:
  // a spinlock is held or preemption is off. Masked interrupts count as critical without being entered here.
  std::uint32_t critical;
  // Written by avz: a domcall waits. Whoever brings `critical` to 0, or leaves the interrupt handler with it
  // at 0, calls vcpu_park when it sees this set.
  std::uint32_t stop_requested;

  // Published by avz; the domain reads.
  std::uint32_t slot;
  std::uint32_t state;  // State of lifecycle.hpp
  std::uint64_t ram_size;
  std::uint64_t dtb_ipa, dtb_size;
  std::uint64_t ramfs_ipa, ramfs_size;  // 0 when the image has none
  // Time. nanoseconds = (CNTVCT_EL0 * ns_mult) >> ns_shift. Re-read both after a resume: boards differ.
  std::uint64_t counter_hz;
  std::uint32_t ns_mult, ns_shift;
  std::uint32_t time_generation;  // changes when the three above do
  std::uint32_t trace;  // not 0: avz wants to know of thread switches (trace_thread)
  std::uint64_t wall_clock_ns;  // Unix time at counter value 0, as the engine said; 0 = unknown
  // The place this domain runs at. Renewed on arrival and restore.
  std::uint64_t agency_uid;
  char soo_name[16];
  std::uint64_t entropy[4];  // fresh at every start, arrival and restore
  // This instance (design.md: every instance has an id and an epoch).
  std::uint64_t instance_id;
  std::uint64_t epoch;
  // dc_event mailbox, one at a time. 0 = none. Consumed with dc_event_done.
  std::uint32_t dc_event;
  std::uint32_t dc_argument;

  // Agency only; zero in an ME.
  struct Machine {
    std::uint64_t ram_pa;       // where RAM of the agency begins physically: device DMA needs it
    std::uint64_t window_pa;    // shared window of the engine, 0 if there is none
    std::uint64_t window_size;
    std::uint64_t cpus;
    std::uint64_t gic_version;
    char bootargs[256];         // NUL-terminated
  } machine;
};

static_assert(sizeof(SharedPage) <= page_size);
static_assert(offsetof(SharedPage, selector) == 8 && offsetof(SharedPage, pending) == 16);
static_assert(offsetof(SharedPage, critical) == 520 && offsetof(SharedPage, stop_requested) == 524);

}  // namespace abi
