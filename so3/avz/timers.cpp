#include "so3/avz/timers.hpp"

#include <atomic>

#include "so3/arch/arm64/el2.hpp"
#include "so3/avz/context.hpp"
#include "so3/avz/counter.hpp"

namespace avz {
namespace {

bool armed(std::uint64_t ctl) { return (ctl & (arch::cnt::enable | arch::cnt::imask)) == arch::cnt::enable; }

// With the queue's lock held: the timer of a vCPU that is on its CPU is the hardware's.
bool waits_for_timer(const Cpu& cpu, const Vcpu& v) {
  return &v != cpu.loaded && v.run != Run::off && armed(v.el1.cntv_ctl);
}

// The timer that is in the hardware.
std::uint64_t loaded_due(const Vcpu& v, std::uint64_t time) {
  if (!armed(read_register(cntv_ctl_el0))) return ~std::uint64_t{0};
  return due_at(read_register(cntv_cval_el0), v.cntvoff, time);
}

void set_timer_event(Vcpu& v) {
  std::atomic_ref{v.shared->selector}.fetch_or(abi::selector_timer, std::memory_order_acq_rel);
}

}  // namespace

std::uint64_t slice_ticks() { return ticks_per_second() / slices_per_second; }

void program_timer(Cpu& self) {
  std::uint64_t earliest = ~std::uint64_t{0};
  const auto consider = [&](std::uint64_t when) { earliest = when < earliest ? when : earliest; };
  if (self.slice_end != 0) consider(self.slice_end);
  if (self.budget_since != 0) consider(self.budget_since + ticks_per_second());
  if (some_not_loaded(self)) {
    const std::uint64_t time = now();
    LockGuard guard{self.queue.lock};
    self.queue.for_each_member([&](Vcpu& v) {
      if (waits_for_timer(self, v)) consider(due_at(v.el1.cntv_cval, v.cntvoff, time));
    });
  }
  if (const Vcpu* const v = self.loaded; v != nullptr && runs_ahead(*v)) {
    const std::uint64_t time = now();
    consider(loaded_due(*v, time));
    if (self.current == v) consider(time + slice_ticks());  // it may set its timer meanwhile
  }
  self.timer_runs = earliest != ~std::uint64_t{0};
  if (self.timer_runs) hypervisor_timer_at(earliest);
  else hypervisor_timer_off();
}

void on_virtual_timer(Cpu& self) {
  write_register(cntv_ctl_el0, read_register(cntv_ctl_el0) | arch::cnt::imask);
  arch::isb();
  Vcpu* v = self.loaded;
  if (v == nullptr) return;
  set_timer_event(*v);
  if (self.current == v) return raise_virtual_interrupt();
  LockGuard guard{self.queue.lock};
  static_cast<void>(self.queue.wake(*v));
}

void expire_timers(Cpu& self, std::uint64_t time) {
  if (const Vcpu* const v = self.loaded; v != nullptr && runs_ahead(*v) && loaded_due(*v, time) <= time)
    on_virtual_timer(self);
  if (!some_not_loaded(self)) return;
  LockGuard guard{self.queue.lock};
  self.queue.for_each_member([&](Vcpu& v) {
    if (!waits_for_timer(self, v) || due_at(v.el1.cntv_cval, v.cntvoff, time) > time) return;
    v.el1.cntv_ctl |= arch::cnt::imask;
    set_timer_event(v);
    static_cast<void>(self.queue.wake(v));
  });
}

}  // namespace avz
