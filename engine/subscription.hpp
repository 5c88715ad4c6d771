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

// Kinds of events, as a bit mask of their places in Event; without any: all.
template <class... Kinds>
constexpr std::uint32_t kinds_of() {
  static_assert(std::variant_size_v<Event> <= 32);
  if constexpr (sizeof...(Kinds) == 0) return ~std::uint32_t{0};
  return (std::uint32_t{0} | ... | (std::uint32_t{1} << Event(Kinds{}).index()));
}

// One listener's queue. Events wait here until next() takes them; beyond bytes_max the oldest go and a
// Notice says how many, so that a listener that does not listen costs bounded memory.
class Subscription {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t bytes_max = 4 << 20;

  explicit Subscription(std::uint32_t kinds = kinds_of<>()) : kinds_{kinds} {}

  // The next event; nothing when the deadline passes first.
  std::optional<Event> next(Clock::time_point deadline);
  void push(const Event& event);

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Event> events_;
  std::size_t bytes_ = 0;
  const std::uint32_t kinds_;
  std::size_t lost_ = 0;
};

class Publisher {
 public:
  // A new listener hears what is published from now on, until it lets go of its Subscription.
  [[nodiscard]] std::shared_ptr<Subscription> subscribe(std::uint32_t kinds = kinds_of<>());
  void publish(const Event& event);

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<Subscription>> listeners_;
  std::optional<Event> last_;  // Ended: whoever comes later must hear it too
};

}  // namespace engine
