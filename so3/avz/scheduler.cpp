#include "so3/avz/scheduler.hpp"

#include <atomic>

#include "so3/abi/layout.hpp"
#include "so3/arch/arm64/el2.hpp"
#include "so3/avz/context.hpp"
#include "so3/avz/counter.hpp"
#include "so3/avz/domain.hpp"
#include "so3/avz/domcall.hpp"
#include "so3/avz/interrupt_exit.hpp"
#include "so3/avz/remote.hpp"
#include "so3/avz/timers.hpp"
#include "so3/avz/trace_exits.hpp"
#include "so3/plat/gic/gic.hpp"

namespace avz {

namespace {

void tell(Cpu& target, Sgi sgi) {
  if (&target == &this_cpu()) return;
  plat::gic::send_sgi(target.place, static_cast<std::uint32_t>(sgi));
}

// Somebody is in the queue of a CPU who was not: if another runs there, it is time for slices.
void announce(Cpu& target) {
  if (&target == &this_cpu()) begin_slice(target);
  else tell(target, Sgi::look);
}

void hold_or_ask_here(Cpu& self, Vcpu& v) {
  LockGuard guard{self.queue.lock};
  // The interrupt makes it look when it unmasks interrupts, if not before.
  if (!self.queue.hold_or_ask(v, now()) && self.current == &v) raise_virtual_interrupt();
}

void kill_here(Cpu& self, Vcpu& v) {
  {
    LockGuard guard{self.queue.lock};
    self.queue.remove(v);
    v.parked = v.park_wanted = false;
  }
  if (self.current == &v) self.current = nullptr;  // the memory may be somebody else's before the exit has ended
  unload(self, v);
}

void with_registers_here(Cpu& self, Vcpu& v) {
  const bool loaded = self.loaded == &v;
  if (loaded) {
    save_el1(&v.el1);
    write_register(cntv_ctl_el0, v.el1.cntv_ctl);
    save_fp(&v.fp);
  }
  v.work(v);
  if (loaded) enter_address_space(v);
}

void renew_vttbr_here(Cpu& self, Vcpu& v) {
  v.vttbr = v.domain->memory.vttbr();
  if (self.loaded != &v) return;
  enter_address_space(v);
  arch::isb();
}

void run(Cpu& self, Vcpu& v) {
  load(self, v);
  self.calls = v.calls;
  if ((!v.looks_itself && has_events(v)) || v.park_wanted) raise_virtual_interrupt();
  else clear_virtual_interrupt();
  v.looks_itself = false;
  if (self.queue.members() > 1 || runs_ahead(v)) program_timer(self);
}

template <typename Gic>
std::uint32_t doze_with(Vcpu& v) {
  const std::atomic_ref selector{v.shared->selector};
  for (;;) {
    if (selector.load() != 0) [[likely]] {
      Run was = Run::dozing;
      if (v.run.compare_exchange_strong(was, Run::running)) [[likely]]
        return events_came;
    }
    arch::wfi();
    const auto interrupt = Gic::acknowledge();
    if (interrupt.id() != static_cast<std::uint32_t>(Sgi::events)) [[unlikely]]
      return static_cast<std::uint32_t>(interrupt.raw);
    Gic::end(interrupt);
  }
}

}  // namespace

abi::Status claim_cpu(Vcpu& v, std::uint32_t index, bool exclusive) {
  if (index >= cpu_count() || (index == 0) != (v.slot == abi::agency_domain)) return abi::Status::bad_argument;
  Cpu& target = cpu(index);
  LockGuard guard{target.queue.lock};
  if (!target.queue.add_member(v, exclusive)) return abi::Status::busy;
  v.cpu = &target;
  v.doorbell = plat::gic::doorbell(target.place, static_cast<std::uint32_t>(Sgi::events)).raw;
  return abi::Status::ok;
}

void release_cpu(Vcpu& v) {
  LockGuard guard{v.cpu->queue.lock};
  v.cpu->queue.remove_member(v);
}

void start(Vcpu& v) {
  bool queued;
  {
    LockGuard guard{v.cpu->queue.lock};
    queued = v.cpu->queue.start(v);
  }
  if (queued) announce(*v.cpu);
}

void start_held(Vcpu& v) {
  LockGuard guard{v.cpu->queue.lock};
  v.cpu->queue.hold(v);
  static_cast<void>(v.cpu->queue.start(v));
}

bool stop(Vcpu& v) {
  RunQueue& queue = v.cpu->queue;
  {
    LockGuard guard{queue.lock};
    queue.end_doze(v);
    if (v.run != Run::running) return queue.hold_or_ask(v, now());
  }
  run_on(*v.cpu, hold_or_ask_here, v);
  LockGuard guard{queue.lock};
  return queue.take_parked(v) || v.holds != 0;
}

bool withdraw_stop(Vcpu& v) {
  bool asked, queued;
  {
    LockGuard guard{v.cpu->queue.lock};
    asked = v.park_wanted || v.parked;
    queued = v.cpu->queue.withdraw(v);
  }
  if (queued) announce(*v.cpu);
  return asked;
}

bool overdue(const Vcpu& v) {
  if (v.run == Run::stalled) return false;
  return v.park_wanted && now() - v.park_asked_at > ticks_per_second();
}

void resume(Vcpu& v) {
  if (take_back(v)) return;
  bool queued;
  {
    LockGuard guard{v.cpu->queue.lock};
    queued = v.cpu->queue.unhold(v);
    if (v.holds == 0 && has_events(v)) queued |= v.cpu->queue.wake(v);
  }
  if (queued) announce(*v.cpu);
}

void ring(Vcpu& v) { plat::gic::ring({v.doorbell}); }

void kill(Vcpu& v) {
  if (v.cpu == nullptr) return;
  run_on(*v.cpu, kill_here, v);
  if (this_cpu().index == 0) forget_domcalls(*v.domain);  // it has none while its own vCPU runs
}

void with_registers(Vcpu& v, void (*work)(Vcpu&)) {
  v.work = work;
  run_on(*v.cpu, with_registers_here, v);
}

void renew_vttbr(Vcpu& v) { run_on(*v.cpu, renew_vttbr_here, v); }

void stall(Vcpu& v) {
  LockGuard guard{v.cpu->queue.lock};
  v.cpu->queue.stall(v);
}

void unstall(Vcpu& v) {
  bool queued;
  {
    LockGuard guard{v.cpu->queue.lock};
    if (v.run == Run::stalled) v.park_asked_at = now();  // it could not have parked before
    queued = v.cpu->queue.unstall(v);
  }
  if (queued) announce(*v.cpu);
}

void notify(Vcpu& v) {
  Cpu& target = *v.cpu;
  const Run seen = v.run;
  if (seen == Run::dozing) return ring(v);
  if (seen == Run::lent) return;  // resume() looks at the selector
  Cpu& self = this_cpu();
  if (self.current == &v) return raise_virtual_interrupt();
  Run was;
  bool queued;
  {
    LockGuard guard{target.queue.lock};
    was = v.run;
    queued = target.queue.wake(v);
  }
  if (was == Run::running) tell(target, Sgi::events);
  else if (queued) announce(target);
}

void block(Vcpu& v) {
  LockGuard guard{v.cpu->queue.lock};
  if (!has_events(v)) return v.cpu->queue.wait(v);
  v.looks_itself ? clear_virtual_interrupt() : raise_virtual_interrupt();
  v.looks_itself = false;
}

std::uint32_t doze(Cpu& self, Vcpu& v) {
  clear_virtual_interrupt();
  {
    LockGuard guard{self.queue.lock};
    if (self.queue.members() != 1 || v.park_wanted || runs_ahead(v)) return not_dozing;
    v.run = Run::dozing;
  }
  return plat::gic::version() == 3 ? doze_with<plat::gic::V3>(v) : doze_with<plat::gic::V2>(v);
}

void stop_dozing(Cpu& self, Vcpu& v) {
  LockGuard guard{self.queue.lock};
  self.queue.end_doze(v);
  if (has_events(v)) static_cast<void>(self.queue.wake(v));
  v.looks_itself = true;
  self.current = nullptr;
}

void park(Vcpu& v) {
  LockGuard guard{v.cpu->queue.lock};
  v.cpu->queue.park(v);
}

void yield(Vcpu& v) {
  LockGuard guard{v.cpu->queue.lock};
  if (v.cpu->queue.anyone_ready()) v.cpu->queue.yield(v);
}

void begin_slice(Cpu& self) {
  if (self.current == nullptr || self.slice_end != 0) return;
  self.slice_end = now() + slice_ticks();
  program_timer(self);
}

namespace {

void note_nothing(Cpu&, plat::gic::Interrupt) {}

template <void (*Note)(Cpu&, plat::gic::Interrupt)>
void schedule_noting(Cpu& self) {
  bool idle = false;
  for (;;) {
    {
      LockGuard guard{self.queue.lock};
      self.current = self.queue.take();
      self.slice_end = self.queue.anyone_ready() ? now() + slice_ticks() : 0;
    }
    if (self.current != nullptr) return run(self, *self.current);
    if (!idle) {
      clear_virtual_interrupt();  // it would end every WFI
      if (some_not_loaded(self) || runs_ahead(*self.loaded)) program_timer(self);
      idle = true;
    }
    arch::wfi();
    const auto interrupt = plat::gic::acknowledge();
    Note(self, interrupt);
    if (interrupt.id() == static_cast<std::uint32_t>(Sgi::look)) {
      plat::gic::end(interrupt);
      serve_remote(self);  // the queue is looked at anyway
    } else {
      handle_interrupt(self, interrupt);
    }
  }
}

}  // namespace

void schedule(Cpu& self) { schedule_noting<note_nothing>(self); }
void traced_schedule(Cpu& self) { schedule_noting<note_interrupt>(self); }

}  // namespace avz
