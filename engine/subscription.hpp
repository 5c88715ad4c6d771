// Events of a smart object, in order, to whoever asked for them.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/event.hpp"

namespace engine {

// One listener's queue. Events wait here until next() takes them; beyond `capacity` the oldest go and a
// Notice says how many, so that a listener that does not listen costs bounded memory.
class Subscription {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t capacity = 65536;

  // The next event; nothing when the deadline passes first.
  std::optional<Event> next(Clock::time_point deadline);
  void push(const Event& event);

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Event> events_;
  std::size_t lost_ = 0;
};

class Publisher {
 public:
  // A new listener hears what is published from now on, until it lets go of its Subscription.
  [[nodiscard]] std::shared_ptr<Subscription> subscribe();
  void publish(const Event& event);

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<Subscription>> listeners_;
  std::optional<Event> last_;  // Ended: whoever comes later must hear it too
};

}  // namespace engine
