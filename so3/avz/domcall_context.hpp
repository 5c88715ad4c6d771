// What the two ways into a domcall have in common. Included by nobody else.
#pragma once
#include "so3/arch/arm64/el2.hpp"
#include "so3/avz/cpu.hpp"
#include "so3/avz/domain.hpp"

namespace avz {

struct DomcallContext {
  // Where the short way enters: what the ME had published when the long way was gone last.
  struct Entry {
    std::uint64_t ttbr0, vbar, sp_el1, pc;
  };

  Vcpu vcpu;                        // first: a domcall's Vcpu is known by its address
  Entry entry;
  DomcallContext* outer = nullptr;  // set aside in the same ME before this one
  Vcpu* agency = nullptr;
  Domain* me = nullptr;  // nullptr: free, but vcpu is still made for the ME that had it last
  bool as_target = false;
  bool uses_fp = false;
  bool by_short_way = false;  // the regime is the agency's, which is the same, and its access is trapped
  bool leaves_by_short_way = false;  // and nothing else has happened that must be undone
  std::uint64_t used = 0;  // ticks of its budget, a second; what it asks of the agency does not renew them
};

inline DomcallContext& context_of(Vcpu& vcpu) { return reinterpret_cast<DomcallContext&>(vcpu); }

// What of the ME's own code runs is for others to see.
void publish(Domain& me);

// ---- of the vCPU that is current on this CPU
inline void load_traps(const Vcpu& v, bool virtual_interrupt) {
  write_register(hcr_el2, v.traps.hcr | (virtual_interrupt ? arch::hcr::vi : 0));
  write_register(cptr_el2, v.traps.cptr);
}

inline void set_traps(Vcpu& v, Traps traps) {
  v.traps = traps;
  load_traps(v, (read_register(hcr_el2) & arch::hcr::vi) != 0);
}

// The timer goes on: starting it anew for each domcall would cost more than an interrupt a second.
inline void end_budget(Cpu& self) { self.budget_since = 0; }

inline void set_current(Cpu& self, Vcpu& vcpu, const CallTable& calls) {
  self.current = self.loaded = &vcpu;
  self.calls = &calls;
}

inline constexpr Traps without_fp{arch::hcr::domain, arch::cptr::domain | arch::cptr::tfp};

// ---- domcall_short_way.cpp
// The domcall under way is what it would be, had it come the long way.
void go_the_long_way(DomcallContext& c);
// After the long way: the next time the short one will do.
void open_short_way(DomcallContext& c, Domain& me);
void close_short_way(std::uint32_t slot);

}  // namespace avz
