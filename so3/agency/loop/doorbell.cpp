#include "so3/agency/loop/doorbell.hpp"

namespace agency {

Doorbell::~Doorbell() {
  if (rung_.load(std::memory_order_acquire)) all_->forget(*this);
}

void Doorbell::ring() {
  if (!rung_.exchange(true, std::memory_order_acq_rel)) all_->push(*this);
}

void Doorbells::push(Doorbell& bell) {
  auto* head = rung_.load(std::memory_order_relaxed);
  do bell.next_ = head;
  while (!rung_.compare_exchange_weak(head, &bell, std::memory_order_release, std::memory_order_relaxed));
  wake_();
}

// Turns the list around, behind what is taken already.
void Doorbells::take() {
  Doorbell* in_order = nullptr;
  for (auto* bell = rung_.exchange(nullptr, std::memory_order_acquire); bell != nullptr;) {
    auto* const before = bell->next_;
    bell->next_ = in_order;
    in_order = bell;
    bell = before;
  }
  auto** end = &taken_;
  while (*end != nullptr) end = &(*end)->next_;
  *end = in_order;
}

void Doorbells::answer() {
  take();
  while (taken_ != nullptr) {
    Doorbell* const bell = taken_;
    taken_ = bell->next_;
    bell->rung_.store(false, std::memory_order_release);  // from here on a ring counts anew
    bell->answer();
  }
}

// The channel of the bell is closed, so it is rung no more.
void Doorbells::forget(Doorbell& bell) {
  take();
  for (auto** at = &taken_; *at != nullptr; at = &(*at)->next_) {
    if (*at != &bell) continue;
    *at = bell.next_;
    return;
  }
}

}  // namespace agency
