#include "engine/subscription.hpp"

#include <fmt/format.h>

namespace engine {

std::optional<Event> Subscription::next(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  if (!arrived_.wait_until(lock, deadline, [&] { return !events_.empty(); })) return std::nullopt;
  if (lost_ > 0) return Notice{fmt::format("{} events lost: nobody took them", std::exchange(lost_, 0))};
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void Subscription::push(const Event& event) {
  {
    const std::lock_guard lock(mutex_);
    if (events_.size() == capacity) {
      events_.pop_front();
      ++lost_;
    }
    events_.push_back(event);
  }
  arrived_.notify_one();
}

std::shared_ptr<Subscription> Publisher::subscribe() {
  auto listener = std::make_shared<Subscription>();
  const std::lock_guard lock(mutex_);
  if (last_) listener->push(*last_);
  listeners_.push_back(listener);
  return listener;
}

void Publisher::publish(const Event& event) {
  const std::lock_guard lock(mutex_);
  if (std::holds_alternative<Ended>(event)) last_ = event;
  std::erase_if(listeners_, [&](const std::weak_ptr<Subscription>& weak) {
    const auto listener = weak.lock();
    if (listener) listener->push(event);
    return !listener;
  });
}

}  // namespace engine
