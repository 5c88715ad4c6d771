#include "so3/kernel/timers.hpp"

#include "so3/arch/clock.hpp"
#include "so3/kernel/clock.hpp"
#include "so3/kernel/critical.hpp"

namespace kernel {
namespace {

timer* soonest = nullptr;

void insert(timer& t) {
  timer* after = nullptr;
  timer* before = soonest;
  while (before != nullptr && before->expires <= t.expires) {
    after = before;
    before = before->next;
  }
  t.prev = after;
  t.next = before;
  (after != nullptr ? after->next : soonest) = &t;
  if (before != nullptr) before->prev = &t;
  t.active = true;
}

void remove(timer& t) {
  (t.prev != nullptr ? t.prev->next : soonest) = t.next;
  if (t.next != nullptr) t.next->prev = t.prev;
  t.active = false;
}

// In a domcall the timer registers are the agency's: the domain's own CPU sets them when it goes on.
void soonest_changed() {
  scheduler.timer_stale = true;
  if (!in_domcall() && !scheduler.in_interrupt) program_timer();
}

}  // namespace

void start_timers() { soonest = nullptr; }

void program_timer() {
  scheduler.timer_stale = false;
  if (soonest == nullptr) {
    arch::stop_timer();
  } else {
    arch::set_timer(counter_at(soonest->expires));
  }
}

void renew_timer() {
  Masked masked;
  program_timer();
}

void timer_interrupt() {
  const std::uint64_t now = now_ns();
  while (soonest != nullptr && soonest->expires <= now) {
    timer& t = *soonest;
    remove(t);
    t.function(t.data);
  }
  scheduler.timer_stale = true;
}

}  // namespace kernel

extern "C" {

void init_timer(timer* t, void (*function)(void*), void* data) {
  *t = timer{.expires = 0, .function = function, .data = data, .next = nullptr, .prev = nullptr, .active = false};
}

void set_timer(timer* t, std::uint64_t expires) {
  kernel::Masked masked;
  timer* const was = kernel::soonest;
  if (t->active) kernel::remove(*t);
  t->expires = expires;
  kernel::insert(*t);
  if (kernel::soonest == t || was == t) kernel::soonest_changed();
}

bool stop_timer(timer* t) {
  kernel::Masked masked;
  if (!t->active) return false;
  kernel::remove(*t);  // if it was the soonest, the hardware fires once for nothing
  return true;
}

}  // extern "C"
