#include "so3/avz/domcall.hpp"

#include <atomic>

#include "so3/abi/callbacks.hpp"
#include "so3/arch/arm64/el2.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/context.hpp"
#include "so3/avz/counter.hpp"
#include "so3/avz/domain.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/objects.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/slots.hpp"
#include "so3/avz/timers.hpp"
#include "so3/avz/trace.hpp"
#include "so3/avz/violation.hpp"
#include "so3/avz/words.hpp"

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

namespace {

using abi::Outcome;
using abi::Status;

constexpr std::uint32_t depth_max = 16;
constinit DomcallContext contexts[depth_max] = {};

// By slot: the context by which the short way into that ME is open. It is made for the ME and free, and the ME's regime
// agrees with the agency's, which the agency cannot change without a trap.
constinit std::atomic<DomcallContext*> short_ways[abi::max_domains] = {};

DomcallContext& context_of(Vcpu& vcpu) { return reinterpret_cast<DomcallContext&>(vcpu); }

// Rather not one that is made for another ME.
DomcallContext* find_free(Vcpu& own) {
  if (own.domcall_context != nullptr && own.innermost_domcall == nullptr) return own.domcall_context;
  DomcallContext* found = nullptr;
  for (auto& c : contexts) {
    if (c.me != nullptr) continue;
    if (c.vcpu.domain == nullptr) return &c;
    if (found == nullptr || found->vcpu.domain->vcpu.domcall_context == found) found = &c;
  }
  return found;
}

void publish(Domain& me) {
  const DomcallContext* c = me.vcpu.innermost_domcall;
  me.in_domcall = c != nullptr;
  me.cooperates_as_target = c != nullptr && c->as_target;
}

void load_traps(const Vcpu& v, bool virtual_interrupt) {
  write_register(hcr_el2, v.traps.hcr | (virtual_interrupt ? arch::hcr::vi : 0));
  write_register(cptr_el2, v.traps.cptr);
}

// Of who is current.
void set_traps(Vcpu& v, Traps traps) {
  v.traps = traps;
  load_traps(v, (read_register(hcr_el2) & arch::hcr::vi) != 0);
}

void start_budget(Cpu& self, std::uint64_t used) {
  self.budget_since = now() - used;
  if (used != 0 || !self.timer_runs) program_timer(self);
}

// The timer goes on: starting it anew for each domcall would cost more than an interrupt a second.
void end_budget(Cpu& self) { self.budget_since = 0; }

void set_current(Cpu& self, Vcpu& vcpu, const CallTable& calls) {
  self.current = self.loaded = &vcpu;
  self.calls = &calls;
}

constexpr Traps without_fp{arch::hcr::domain, arch::cptr::domain | arch::cptr::tfp};

// What the code of a regime does is the same in two that agree in these, when TTBR1 is not used.
bool agrees_with_agency(const El1Context& start) {
  const auto different = (start.sctlr ^ read_register(sctlr_el1)) | (start.cpacr ^ read_register(cpacr_el1)) |
                         (start.tcr ^ read_register(tcr_el1)) | (start.mair ^ read_register(mair_el1)) |
                         (~start.tcr & arch::tcr::epd1);
  return different == 0;
}

// What the short way has left out.
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

// After the long way: the next time the short one will do.
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

// The agency does what it likes with its regime, and no ME can be known to agree with it.
void close_short_ways(Vcpu& agency) {
  for (auto& way : short_ways) way = nullptr;
  set_traps(agency, {});
}

// The agency's place on the CPU is the domcall's from here, or again.
void enter(Cpu& self, DomcallContext& c, const El1Context& el1) {
  Vcpu& agency = *c.agency;
  save_el1(&agency.el1);
  enter_address_space(c.vcpu);
  load_el1(&el1);
  if (c.uses_fp) {
    save_fp(&agency.fp);
    load_fp(&c.vcpu.fp);
  }
  c.vcpu.traps = c.uses_fp ? Traps{} : without_fp;
  load_traps(c.vcpu, false);
  set_current(self, c.vcpu, *c.vcpu.calls);
  start_budget(self, c.used);
}

void back_to_agency(Cpu& self, DomcallContext& c) {
  if (c.by_short_way) go_the_long_way(c);
  Vcpu& agency = *c.agency;
  end_budget(self);
  enter_address_space(agency);
  load_el1(&agency.el1);
  set_current(self, agency, *agency.calls);
  // What came for the agency meanwhile; what comes from here on finds it running.
  load_traps(agency, has_events(agency));
  if (c.uses_fp) {
    arch::isb();
    load_fp(&agency.fp);
  }
}

void free(DomcallContext& c) {
  Domain& me = *c.me;
  me.vcpu.innermost_domcall = c.outer;
  c.outer = nullptr;
  c.me = nullptr;
  c.as_target = c.uses_fp = false;
  publish(me);
}

void outcome(Vcpu& agency, Outcome result, std::uint32_t detail) {
  clear_words<8>(agency.x);
  agency.x[1] = static_cast<std::uint64_t>(result) | std::uint64_t{detail} << 32;
}

void prepare(Domain& me, DomcallContext& c, abi::Domcall domcall, const std::uint64_t (&x)[8]) {
  Vcpu& own = me.vcpu;
  if (Domain* last = c.vcpu.domain; last != nullptr && last != &me && last->vcpu.domcall_context == &c) {
    last->vcpu.domcall_context = nullptr;
    short_ways[last->slot] = nullptr;
  }
  if (own.innermost_domcall == nullptr) own.domcall_context = &c;
  c.vcpu.domain = &me;
  c.vcpu.slot = own.slot;
  c.vcpu.shared = own.shared;
  c.vcpu.calls = &in_force(domcall_calls);
  c.vcpu.vttbr = own.vttbr;
  c.vcpu.vmpidr = own.vmpidr;
  c.vcpu.cntvoff = own.cntvoff;
  c.vcpu.cpu = own.cpu;
  c.vcpu.run = Run::running;
  c.vcpu.pc = own.domcall.entry;
  c.vcpu.pstate = arch::pstate::el1h_masked;
  c.vcpu.x[0] = static_cast<std::uint64_t>(domcall);
  copy_words<6>(&c.vcpu.x[1], &x[2]);
  clear_words<24>(&c.vcpu.x[7]);
  c.me = &me;
  c.outer = own.innermost_domcall;
  c.uses_fp = c.by_short_way = c.leaves_by_short_way = false;
  c.used = 0;
  c.as_target = domcall == abi::Domcall::cooperate &&
                static_cast<std::uint32_t>(x[2]) == static_cast<std::uint32_t>(abi::Role::target);
  own.innermost_domcall = &c;
  publish(me);
}

// Asked to park, and it will; or it had a second for that.
void not_stopped(Domain& me, std::uint64_t (&x)[8]) {
  if (me.vcpu.run == Run::off) return answer(x, Status::bad_state);
  if (!overdue(me.vcpu)) return answer(x, Status::busy);
  end_overdue(me);
  answer(x, Status::ok,
         static_cast<std::uint64_t>(Outcome::fault) | static_cast<std::uint64_t>(abi::CrashReason::not_stopping) << 32);
}

}  // namespace

void switch_domcalls(bool traced) {
  for (auto& c : contexts)
    if (c.vcpu.calls != nullptr) c.vcpu.calls = traced ? c.vcpu.calls->traced : c.vcpu.calls->silent;
}

bool is_domcall(const Vcpu& vcpu) {
  const auto at = reinterpret_cast<std::uint64_t>(&vcpu);
  return at >= reinterpret_cast<std::uint64_t>(contexts) && at < reinterpret_cast<std::uint64_t>(contexts + depth_max);
}

void end_domcall(Vcpu& domcall, Outcome result, abi::CrashReason reason) {
  DomcallContext& c = context_of(domcall);
  back_to_agency(this_cpu(), c);
  outcome(*c.agency, result, static_cast<std::uint32_t>(reason));
  free(c);
}

void domcall_over_budget(Cpu& self) {
  Vcpu& v = *self.current;
  Domain& me = *v.domain;
  print("avz: domain ", std::uint64_t{v.slot}, " in a domcall: took longer than a second, PC ", Hex{v.pc});
  end_domcall(v, Outcome::budget, abi::CrashReason::domcall_budget);
  domain_crashed(me, abi::CrashReason::domcall_budget);
}

void domcall_uses_fp(Cpu& self) {
  DomcallContext& c = context_of(*self.current);
  c.uses_fp = true;
  c.leaves_by_short_way = false;
  set_traps(c.vcpu, {c.vcpu.traps.hcr, c.vcpu.traps.cptr & ~arch::cptr::tfp});
  arch::isb();
  save_fp(&c.agency->fp);
  c.vcpu.fp = FpContext{};
  load_fp(&c.vcpu.fp);
}

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

void forget_domcalls(Domain& domain) {
  for (auto& c : contexts) {
    if (c.vcpu.domain != &domain) continue;
    c.vcpu.domain = nullptr;
    c.me = nullptr;
  }
  domain.vcpu.innermost_domcall = domain.vcpu.domcall_context = nullptr;
  short_ways[domain.slot] = nullptr;
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

namespace calls {

void domcall_register(Vcpu& caller, std::uint64_t (&x)[8]) {
  if (x[1] % 4 != 0 || x[2] % 16 != 0) return answer(x, Status::bad_argument);
  El1Context now;
  save_el1(&now);
  load_el1(&now);  // its timer goes on
  El1Context& start = caller.domcall.start;
  start = {};
  start.ttbr0 = now.ttbr0;
  start.vbar = now.vbar;
  start.sp_el1 = x[2];
  copy_words<10>(&start.sctlr, &now.sctlr);
  caller.domcall.entry = x[1];
  short_ways[caller.slot] = nullptr;
  caller.domcall_registered = true;
  answer(x, Status::ok);
}

void domcall_run(Vcpu& caller, std::uint64_t (&x)[8]) {
  const auto slot = static_cast<std::uint32_t>(x[1]);
  const auto domcall = static_cast<abi::Domcall>(x[1] >> 32);
  Domain* me = find_domain(slot);
  if (me == nullptr) return answer(x, Status::not_found);
  if (me->is_agency()) return answer(x, Status::bad_argument);
  if (!me->vcpu.domcall_registered) return answer(x, Status::bad_state);

  if (domcall == abi::Domcall::resume) {
    DomcallContext* c = me->vcpu.innermost_domcall;
    if (c == nullptr) return answer(x, Status::bad_state);
    c->vcpu.x[0] = static_cast<std::uint64_t>(Status::ok);
    copy_words<6>(&c->vcpu.x[2], &x[2]);
    c->vcpu.vttbr = me->vcpu.vttbr;
    c->agency = &caller;
    return enter(this_cpu(), *c, c->vcpu.el1);
  }
  DomcallContext* c = find_free(me->vcpu);
  if (c == nullptr) return answer(x, Status::no_memory);
  if (!stop(me->vcpu)) return not_stopped(*me, x);
  prepare(*me, *c, domcall, x);
  c->agency = &caller;
  enter(this_cpu(), *c, me->vcpu.domcall.start);
  // A domcall that is set aside keeps its stack; this one goes below it.
  if (c->outer != nullptr) write_register(sp_el1, c->outer->vcpu.el1.sp_el1 & ~std::uint64_t{15});
}

void domcall_return(Vcpu& caller, std::uint64_t (&x)[8]) {
  DomcallContext& c = context_of(caller);
  Domain& me = *caller.domain;
  Vcpu& agency = *c.agency;
  end_domcall(caller, Outcome::done, abi::CrashReason::none);
  copy_words<6>(&agency.x[2], &x[1]);
  open_short_way(c, me);
  resume(me.vcpu);
}

void set_state_in_domcall(Vcpu& caller, std::uint64_t (&x)[8]) {
  DomcallContext& c = context_of(caller);
  if (c.by_short_way) go_the_long_way(c);  // which says that a domcall is under way
  set_state(caller, x);
}

void domcall_request(Vcpu& caller, std::uint64_t (&x)[8]) {
  DomcallContext& c = context_of(caller);
  Cpu& self = this_cpu();
  c.used = now() - self.budget_since;
  if (c.by_short_way) go_the_long_way(c);
  save_el1(&caller.el1);
  if (c.uses_fp) save_fp(&caller.fp);
  back_to_agency(self, c);
  outcome(*c.agency, Outcome::request, static_cast<std::uint32_t>(x[1]));
  copy_words<6>(&c.agency->x[2], &x[2]);
}

}  // namespace calls
}  // namespace avz
