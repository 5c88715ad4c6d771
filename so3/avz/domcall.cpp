#include "so3/avz/domcall.hpp"

#include "so3/abi/callbacks.hpp"
#include "so3/arch/arm64/el2.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/context.hpp"
#include "so3/avz/counter.hpp"
#include "so3/avz/domcall_context.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/objects.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/timers.hpp"
#include "so3/avz/trace.hpp"
#include "so3/avz/violation.hpp"
#include "so3/avz/words.hpp"

namespace avz {

namespace {

using abi::Outcome;
using abi::Status;

constexpr std::uint32_t depth_max = 16;
constinit DomcallContext contexts[depth_max] = {};

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

void start_budget(Cpu& self, std::uint64_t used) {
  self.budget_since = now() - used;
  if (used != 0 || !self.timer_runs) program_timer(self);
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
    close_short_way(last->slot);
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

void publish(Domain& me) {
  const DomcallContext* c = me.vcpu.innermost_domcall;
  me.in_domcall = c != nullptr;
  me.cooperates_as_target = c != nullptr && c->as_target;
}

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

void forget_domcalls(Domain& domain) {
  for (auto& c : contexts) {
    if (c.vcpu.domain != &domain) continue;
    c.vcpu.domain = nullptr;
    c.me = nullptr;
  }
  domain.vcpu.innermost_domcall = domain.vcpu.domcall_context = nullptr;
  close_short_way(domain.slot);
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
  close_short_way(caller.slot);
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
