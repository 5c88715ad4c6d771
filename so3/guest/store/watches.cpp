#include "so3/guest/store/watches.hpp"

#include <atomic>
#include <cstring>
#include <new>
#include <utility>

#include "so3/kernel/include/so3/thread.h"

namespace guest {

using LockGuard = so3::LockGuard<so3::Mutex>;

// Lives in one allocation with its two texts.
struct WatchTable::Event {
  Event* next;
  std::uint64_t only;  // for this entry; 0: for all on the path
  std::size_t watched_size, changed_size;

  char* text() { return reinterpret_cast<char*>(this + 1); }
  std::string_view watched() const { return {reinterpret_cast<const char*>(this + 1), watched_size}; }
  std::string_view changed() const { return {reinterpret_cast<const char*>(this + 1) + watched_size, changed_size}; }
  static void destroy(Event* event) { ::operator delete(event); }
};

WatchTable::~WatchTable() { drop_all(); }

void WatchTable::drop_all() {
  while (first_ != nullptr) Event::destroy(std::exchange(first_, first_->next));
  last_ = nullptr;
  queued_ = 0;
}

bool WatchTable::add(WatchEntry& entry) {
  const LockGuard guard{lock_};
  const bool first = find(entry.path, 0) == nullptr;
  entry.id = ++last_id_;
  entry.missed = false;
  WatchEntry** at = &entries_;
  while (*at != nullptr) at = &(*at)->next;  // in order of id
  entry.next = nullptr;
  *at = &entry;
  return first;
}

bool WatchTable::remove(WatchEntry& entry) {
  const LockGuard guard{lock_};
  for (WatchEntry** at = &entries_; *at != nullptr; at = &(*at)->next) {
    if (*at != &entry) continue;
    *at = entry.next;
    break;
  }
  return find(entry.path, 0) == nullptr;
}

void WatchTable::quiesce() {
  if (std::atomic_ref{runner_}.load() == current()) return;
  const LockGuard guard{running_};
}

WatchEntry* WatchTable::find(std::string_view path, std::uint64_t after) {
  for (WatchEntry* entry = entries_; entry != nullptr; entry = entry->next)
    if (entry->id > after && path == entry->path) return entry;
  return nullptr;
}

void WatchTable::post(std::string_view watched, std::string_view changed) { enqueue(0, watched, changed); }

void WatchTable::post_to(const WatchEntry& entry) { enqueue(entry.id, entry.path, entry.path); }

void WatchTable::enqueue(std::uint64_t only, std::string_view watched, std::string_view changed) {
  const LockGuard guard{lock_};
  void* const memory =
      queued_ < queue_max ? ::operator new(sizeof(Event) + watched.size() + changed.size(), std::nothrow) : nullptr;
  if (memory != nullptr) {
    auto* const event = new (memory) Event{nullptr, only, watched.size(), changed.size()};
    std::memcpy(event->text(), watched.data(), watched.size());
    std::memcpy(event->text() + watched.size(), changed.data(), changed.size());
    (last_ != nullptr ? last_->next : first_) = event;
    last_ = event;
    ++queued_;
  } else {
    for (WatchEntry* entry = entries_; entry != nullptr; entry = entry->next)
      if (watched == entry->path && (only == 0 || only == entry->id)) entry->missed = true;
  }
  ready_.up();
}

void WatchTable::missed() {
  const LockGuard guard{lock_};
  for (WatchEntry* entry = entries_; entry != nullptr; entry = entry->next) entry->missed = true;
  ready_.up();
}

void WatchTable::move(Move move) {
  const LockGuard guard{lock_};
  drop_all();
  for (WatchEntry* entry = entries_; entry != nullptr; entry = entry->next) {
    const MovedPath moved{entry->path, move};
    const std::string_view path = moved;
    if (path.data() != entry->path) entry->path[path.copy(entry->path, path.size())] = '\0';
    entry->missed = false;
  }
}

std::uint64_t WatchTable::path_after(std::uint64_t id, std::span<char, abi::vbstore::path_max + 1> path) {
  const LockGuard guard{lock_};
  for (WatchEntry* entry = entries_; entry != nullptr; entry = entry->next) {
    if (entry->id <= id || find(entry->path, 0) != entry) continue;
    std::memcpy(path.data(), entry->path, path.size());
    return entry->id;
  }
  return 0;
}

void WatchTable::deliver_next() {
  ready_.down();
  Event* event;
  {
    const LockGuard guard{lock_};
    event = first_;
    if (event != nullptr) {
      first_ = event->next;
      if (first_ == nullptr) last_ = nullptr;
      --queued_;
    }
  }
  if (event == nullptr) return deliver_missed();
  deliver(*event);
  Event::destroy(event);
}

// A function may remove any entry, its own too: the next one is looked up anew each time.
void WatchTable::deliver(const Event& event) {
  std::uint64_t last = event.only != 0 ? event.only - 1 : 0;
  for (;;) {
    const LockGuard running{running_};
    WatchEntry* entry;
    {
      const LockGuard guard{lock_};
      entry = find(event.watched(), last);
    }
    if (entry == nullptr || (event.only != 0 && entry->id != event.only)) return;
    last = entry->id;
    call(*entry, event.changed());
  }
}

void WatchTable::deliver_missed() {
  for (;;) {
    const LockGuard running{running_};
    WatchEntry* entry;
    {
      const LockGuard guard{lock_};
      entry = entries_;
      while (entry != nullptr && !entry->missed) entry = entry->next;
      if (entry == nullptr) return;
      entry->missed = false;
    }
    call(*entry, entry->path);
  }
}

// With running_ held, so that the entry stays until the call returns.
void WatchTable::call(WatchEntry& entry, std::string_view changed) {
  std::atomic_ref{runner_}.store(current());
  entry.function(entry.context, changed);
  std::atomic_ref{runner_}.store(nullptr);
}

}  // namespace guest
