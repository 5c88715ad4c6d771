#include "engine/subscription.hpp"

#include <fmt/format.h>

namespace engine {
namespace {

// What an event that waits costs, near enough.
std::size_t size_of(const Event& event) {
  const auto text = [](const auto& e) -> std::size_t {
    if constexpr (requires { e.text; }) return e.text.size();
    else if constexpr (requires { e.why; }) return e.name.size() + e.why.size();
    else return 0;
  };
  return sizeof event + std::visit(text, event);
}

}  // namespace

std::optional<Event> Subscription::next(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  if (!arrived_.wait_until(lock, deadline, [&] { return !events_.empty(); })) return std::nullopt;
  if (lost_ > 0) return Notice{fmt::format("{} events lost: nobody took them", std::exchange(lost_, 0))};
  Event event = std::move(events_.front());
  events_.pop_front();
  bytes_ -= size_of(event);
  return event;
}

void Subscription::push(const Event& event) {
  if ((kinds_ >> event.index() & 1) == 0) return;
  {
    const std::lock_guard lock(mutex_);
    bytes_ += size_of(event);
    for (; bytes_ > bytes_max && !events_.empty(); events_.pop_front(), ++lost_) bytes_ -= size_of(events_.front());
    events_.push_back(event);
  }
  arrived_.notify_one();
}

std::shared_ptr<Subscription> Publisher::subscribe(std::uint32_t kinds) {
  auto listener = std::make_shared<Subscription>(kinds);
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
