// Who wants to know of changes in the store, and what it has not been told yet.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agency {

struct Node;
class Watcher;

struct Watch {
  Watcher* watcher;
  Node* node;
  std::string path;
  std::size_t cost;  // in bytes of the watcher's share
};

struct WatchEvent {
  std::string watch;    // the path that is watched
  std::string changed;  // at or below it
};

// Events queue up here until taken, in order; equal ones once. A watcher that is slow, or that others flood with
// changes, loses detail and never an event: beyond `distinct_max` different paths, a watch says "somewhere at or
// below me" (changed = watch). So its memory is bounded by its number of watches.
class Watcher {
 public:
  static constexpr std::size_t distinct_max = 8;

  Watcher(std::uint32_t domain, std::size_t watches_max) : domain_{domain}, watches_max_{watches_max} {}
  virtual ~Watcher() = default;  // Store::forget first
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  std::uint32_t domain() const { return domain_; }
  bool has_events() const { return !pending_.empty(); }
  std::optional<WatchEvent> take_event();

 protected:
  // The first event of a while arrived. Called from within a change: take nothing yet, change nothing.
  virtual void event_pending() = 0;

 private:
  friend class Store;
  struct Pending {
    const Watch* watch;
    std::string changed;
  };
  void add(const Watch& watch, std::string_view changed);
  void drop(const Watch& watch);

  std::uint32_t domain_;
  std::size_t watches_max_;
  std::vector<std::unique_ptr<Watch>> watches_;
  std::deque<Pending> pending_;
};

}  // namespace agency
