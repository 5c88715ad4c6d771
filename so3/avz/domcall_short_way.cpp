// The short way into a domcall and out: for an ME that dozes, when its regime (translation, vectors) is the agency's.
// Nothing of that is saved or loaded then, and what would change or show it is trapped: whoever gets there goes the long
// way from there on.
#include <atomic>

#include "so3/abi/callbacks.hpp"
#include "so3/avz/context.hpp"
#include "so3/avz/domcall.hpp"
#include "so3/avz/domcall_context.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/timers.hpp"

namespace avz {

namespace {

// By slot: the context by which the short way into that ME is open. It is made for the ME and free, and the ME's regime
// agrees with the agency's, which the agency cannot change without a trap.
constinit std::atomic<DomcallContext*> short_ways[abi::max_domains] = {};

// What the code of a regime does is the same in two that agree in these, when TTBR1 is not used.
bool agrees_with_agency(const El1Context& start) {
  const auto different = (start.sctlr ^ read_register(sctlr_el1)) | (start.cpacr ^ read_register(cpacr_el1)) |
                         (start.tcr ^ read_register(tcr_el1)) | (start.mair ^ read_register(mair_el1)) |
                         (~start.tcr & arch::tcr::epd1);
  return different == 0;
}

// The agency does what it likes with its regime, and no ME can be known to agree with it.
void close_short_ways(Vcpu& agency) {
  for (auto& way : short_ways) way = nullptr;
  set_traps(agency, {});
}

}  // namespace

void go_the_long_way(DomcallContext& c) {
  c.me = c.vcpu.domain;
  c.me->vcpu.innermost_domcall = &c;
  publish(*c.me);
  short_ways[c.me->slot] = nullptr;
  El1Context& el1 = c.agency->el1;
  save_regime(&el1);
  el1.elr = el1.spsr = el1.esr = el1.far = el1.par = 0;
  load_regime(&c.me->vcpu.domcall.start);
  c.uses_fp = c.by_short_way = c.leaves_by_short_way = false;
  set_traps(c.vcpu, without_fp);
  arch::isb();
}

void open_short_way(DomcallContext& c, Domain& me) {
  const Vcpu& own = me.vcpu;
  const El1Context& start = own.domcall.start;
  if (own.innermost_domcall != nullptr || own.domcall_context != &c) return;
  if (short_ways[me.slot] != &c) {
    const bool same_view = own.cntvoff == c.agency->cntvoff && own.vmpidr == c.agency->vmpidr;
    if (!same_view || !agrees_with_agency(start)) return;
    set_traps(*c.agency, {arch::hcr::domain | arch::hcr::tvm, arch::cptr::domain | arch::cptr::tcpac});
    c.entry = {start.ttbr0, start.vbar, start.sp_el1, own.domcall.entry};
    short_ways[me.slot] = &c;
  }
  c.vcpu.traps = {arch::hcr::regime_trapped, arch::cptr::domain | arch::cptr::tfp | arch::cptr::tcpac};
  c.by_short_way = c.leaves_by_short_way = true;
}

void close_short_way(std::uint32_t slot) { short_ways[slot] = nullptr; }

bool uses_regime(Vcpu& vcpu) {
  if (!is_domcall(vcpu)) {
    if ((vcpu.traps.hcr & arch::hcr::tvm) == 0) return false;
    close_short_ways(vcpu);
    return true;
  }
  if (!context_of(vcpu).by_short_way) return false;
  go_the_long_way(context_of(vcpu));
  return true;
}

extern "C" {  // context.S

// The agency's Vcpu and the context's entry, as x0 and x1; 0: the long way.
using ShortWay = unsigned __int128;

// From dozing, where the short way is open. Resuming is not entering, and a target of cooperation has more rights.
ShortWay begin_domcall(std::uint64_t what) {
  const auto slot = static_cast<std::uint32_t>(what);
  const auto domcall = static_cast<abi::Domcall>(what >> 32);
  if (slot >= abi::max_domains) return 0;
  DomcallContext* const c = short_ways[slot].load(std::memory_order_relaxed);
  if (c == nullptr) return 0;
  if (domcall == abi::Domcall::resume || domcall == abi::Domcall::cooperate) return 0;
  Vcpu& own = c->vcpu.domain->vcpu;
  if (!lend(own)) return 0;

  Cpu& self = this_cpu();
  write_register(vttbr_el2, own.vttbr);
  write_register(hcr_el2, c->vcpu.traps.hcr);
  write_register(cptr_el2, c->vcpu.traps.cptr);
  set_current(self, c->vcpu, *c->vcpu.calls);
  self.budget_since = read_register(cntpct_el0);  // no barrier: a few instructions earlier or later
  if (!self.timer_runs) [[unlikely]]
    program_timer(self);
  return reinterpret_cast<std::uint64_t>(c->agency) | static_cast<ShortWay>(reinterpret_cast<std::uint64_t>(&c->entry))
                                                          << 64;
}

// Not if anything is to be undone that the short way did not do.
Vcpu* finish_domcall() {
  Cpu& self = this_cpu();
  DomcallContext& c = context_of(*self.current);
  if (!c.leaves_by_short_way) return nullptr;
  Vcpu& own = c.vcpu.domain->vcpu;
  Vcpu& agency = *c.agency;
  end_budget(self);
  write_register(vttbr_el2, agency.vttbr);
  write_register(cptr_el2, agency.traps.cptr);
  set_current(self, agency, *agency.calls);
  if (!take_back(own)) [[unlikely]]
    resume(own);
  write_register(hcr_el2, agency.traps.hcr | (has_events(agency) ? arch::hcr::vi : 0));
  return &agency;
}
}

}  // namespace avz
