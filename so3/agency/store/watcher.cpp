#include "so3/agency/store/watcher.hpp"

#include <algorithm>

namespace agency {

std::optional<WatchEvent> Watcher::take_event() {
  if (pending_.empty()) return std::nullopt;
  WatchEvent event{pending_.front().watch->path, std::move(pending_.front().changed)};
  pending_.pop_front();
  return event;
}

void Watcher::add(const Watch& watch, std::string_view changed) {
  std::size_t distinct = 0;
  for (const auto& p : pending_) {
    if (p.watch != &watch) continue;
    if (p.changed == changed || p.changed == watch.path) return;
    ++distinct;
  }
  if (distinct == distinct_max) {
    drop(watch);
    pending_.push_back({&watch, watch.path});
    return;
  }
  const bool first = pending_.empty();
  pending_.push_back({&watch, std::string{changed}});
  if (first) event_pending();
}

void Watcher::drop(const Watch& watch) {
  std::erase_if(pending_, [&](const Pending& p) { return p.watch == &watch; });
}

}  // namespace agency
