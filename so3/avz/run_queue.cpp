#include "so3/avz/run_queue.hpp"

namespace avz {

bool RunQueue::add_member(Vcpu& vcpu, bool exclusive) {
  if (exclusive_ || (exclusive && count_ != 0)) return false;
  vcpu.next_member = members_;
  members_ = &vcpu;
  count_++;
  exclusive_ = exclusive;
  return true;
}

void RunQueue::remove_member(Vcpu& vcpu) {
  for (Vcpu** at = &members_; *at != nullptr; at = &(*at)->next_member) {
    if (*at != &vcpu) continue;
    *at = vcpu.next_member;
    count_--;
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
