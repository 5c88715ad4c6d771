#include "so3/avz/run_queue.hpp"

#include <atomic>

namespace avz {

namespace {

bool at_safe_point(const Vcpu& v) {
  return v.run == Run::waiting || (std::atomic_ref{v.shared->critical}.load(std::memory_order_acquire) == 0 &&
                                   (v.pstate & arch::pstate::irq_masked) == 0);
}

void set_asked(Vcpu& v, bool asked) {
  if (v.park_wanted == asked) return;
  v.park_wanted = asked;
  std::atomic_ref{v.shared->stop_requested}.store(asked, std::memory_order_release);
}

}  // namespace

bool RunQueue::add_member(Vcpu& vcpu, bool exclusive) {
  if (exclusive_ || (exclusive && members() != 0)) return false;
  vcpu.next_member = members_;
  members_ = &vcpu;
  count_.store(members() + 1, std::memory_order_relaxed);
  exclusive_ = exclusive;
  return true;
}

void RunQueue::remove_member(Vcpu& vcpu) {
  for (Vcpu** at = &members_; *at != nullptr; at = &(*at)->next_member) {
    if (*at != &vcpu) continue;
    *at = vcpu.next_member;
    count_.store(members() - 1, std::memory_order_relaxed);
    exclusive_ = false;
    return;
  }
}

Vcpu* RunQueue::take() {
  Vcpu* vcpu = first_;
  if (vcpu == nullptr) return nullptr;
  first_ = vcpu->next_ready;
  if (first_ == nullptr) last_ = nullptr;
  vcpu->run = Run::running;
  return vcpu;
}

bool RunQueue::start(Vcpu& vcpu) {
  if (vcpu.run != Run::off) return false;
  vcpu.run = Run::ready;
  if (vcpu.holds != 0) return false;
  push(vcpu);
  return true;
}

bool RunQueue::wake(Vcpu& vcpu) {
  if (vcpu.run != Run::waiting) return false;
  vcpu.run = Run::ready;
  if (vcpu.holds != 0) return false;
  push(vcpu);
  return true;
}

bool RunQueue::unstall(Vcpu& vcpu) {
  if (vcpu.run != Run::stalled) return false;
  vcpu.run = Run::ready;
  if (vcpu.holds != 0) return false;
  push(vcpu);
  return true;
}

void RunQueue::yield(Vcpu& vcpu) {
  vcpu.run = Run::ready;
  push(vcpu);
}

void RunQueue::hold(Vcpu& vcpu) {
  if (vcpu.holds++ != 0) return;
  if (vcpu.run == Run::ready) unlink(vcpu);
  if (vcpu.run == Run::running) vcpu.run = Run::ready;
}

bool RunQueue::unhold(Vcpu& vcpu) {
  if (vcpu.holds == 0) return false;
  vcpu.holds--;
  if (vcpu.holds != 0 || vcpu.run != Run::ready) return false;
  push(vcpu);
  return true;
}

bool RunQueue::hold_or_ask(Vcpu& vcpu, std::uint64_t now) {
  if (vcpu.run == Run::off) return false;
  if (take_parked(vcpu)) return true;
  if (vcpu.holds != 0 || at_safe_point(vcpu)) {
    set_asked(vcpu, false);
    hold(vcpu);
    return true;
  }
  if (!vcpu.park_wanted) vcpu.park_asked_at = now;
  set_asked(vcpu, true);
  if (vcpu.run == Run::ready) {
    unlink(vcpu);
    push_first(vcpu);
  }
  return false;
}

void RunQueue::park(Vcpu& vcpu) {
  if (!vcpu.park_wanted) return;
  set_asked(vcpu, false);
  hold(vcpu);
  vcpu.parked = true;
}

bool RunQueue::take_parked(Vcpu& vcpu) {
  const bool was = vcpu.parked;
  vcpu.parked = false;
  return was;
}

bool RunQueue::withdraw(Vcpu& vcpu) {
  set_asked(vcpu, false);
  return take_parked(vcpu) && unhold(vcpu);
}

void RunQueue::end_doze(Vcpu& vcpu) {
  for (Run was = vcpu.run; was == Run::dozing || was == Run::lent;) {
    vcpu.holds += was == Run::lent;
    if (vcpu.run.compare_exchange_strong(was, Run::waiting)) return;
    vcpu.holds = 0;  // it was taken back meanwhile, or lent
  }
}

void RunQueue::remove(Vcpu& vcpu) {
  if (vcpu.run == Run::ready && vcpu.holds == 0) unlink(vcpu);
  vcpu.run = Run::off;
  vcpu.holds = 0;
}

void RunQueue::push(Vcpu& vcpu) {
  vcpu.next_ready = nullptr;
  (last_ == nullptr ? first_ : last_->next_ready) = &vcpu;
  last_ = &vcpu;
}

void RunQueue::push_first(Vcpu& vcpu) {
  vcpu.next_ready = first_;
  if (first_ == nullptr) last_ = &vcpu;
  first_ = &vcpu;
}

void RunQueue::unlink(Vcpu& vcpu) {
  Vcpu* before = nullptr;
  for (Vcpu* v = first_; v != nullptr; before = v, v = v->next_ready) {
    if (v != &vcpu) continue;
    (before == nullptr ? first_ : before->next_ready) = v->next_ready;
    if (last_ == v) last_ = before;
    return;
  }
}

}  // namespace avz
