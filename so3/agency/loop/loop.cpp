#include "so3/agency/loop/loop.hpp"

#include <algorithm>

namespace agency {

void Loop::Wait::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  loop_->waiting_.push_back(this);
}

void Loop::notify(std::uint32_t slot) {
  for (auto* w : waiting_) w->notified_ |= w->slot_ == slot;
}

void Loop::run() {
  const auto time = now();
  // Resuming changes the list: take the due ones out first.
  const auto due = std::stable_partition(waiting_.begin(), waiting_.end(),
                                         [&](const Wait* w) { return !w->notified_ && w->deadline_ > time; });
  const std::vector<Wait*> ready{due, waiting_.end()};
  waiting_.erase(due, waiting_.end());
  for (auto* w : ready) w->waiter_.resume();
}

std::optional<std::uint64_t> Loop::next_deadline() const {
  std::optional<std::uint64_t> next;
  for (const auto* w : waiting_) {
    const auto at = w->notified_ ? 0 : w->deadline_;
    if (!next || at < *next) next = at;
  }
  return next;
}

}  // namespace agency
