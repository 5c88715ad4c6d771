// Watches of this domain: which functions to call when the store says that a path changed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "so3/abi/vbstore.hpp"
#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/guest/store/own_path.hpp"
#include "so3/kernel/include/so3/mutex.hpp"
#include "so3/kernel/include/so3/semaphore.hpp"

namespace guest {

// A registered function. The owner keeps it alive until remove() returns.
struct WatchEntry {
  char path[abi::vbstore::path_max + 1] = {};
  vbstore::WatchFunction function = nullptr;
  void* context = nullptr;
  WatchEntry* next = nullptr;
  std::uint64_t id = 0;
  bool missed = false;  // something changed that the queue had no room for
};

// Events come in by post() and go out in one thread, so that a function may block and may itself call the store.
// At most `queue_max` wait; what is more is told as one change of the watched path.
class WatchTable {
 public:
  static constexpr std::size_t queue_max = 128;

  WatchTable() = default;
  ~WatchTable();
  WatchTable(const WatchTable&) = delete;
  WatchTable& operator=(const WatchTable&) = delete;

  // True: the first one on its path, so the server has to be told.
  [[nodiscard]] bool add(WatchEntry& entry);
  // True: it was the last one on its path. No call of its function begins any more.
  [[nodiscard]] bool remove(WatchEntry& entry);
  // Returns when no function is running; in a function itself at once.
  void quiesce();

  void post(std::string_view watched, std::string_view changed);
  void post_to(const WatchEntry& entry);
  // All may have missed something.
  void missed();

  // After a move, when the server will tell of every path anew: renames what is in this ME's own part, forgets what was
  // not yet told.
  void move(Move move);
  // Paths with watches, each once, in order: copies the first one behind `id` and returns its id; 0: no more.
  std::uint64_t path_after(std::uint64_t id, std::span<char, abi::vbstore::path_max + 1> path);

  // The watch thread's work: waits for one event and delivers it.
  void deliver_next();

 private:
  struct Event;
  void drop_all();
  void enqueue(std::uint64_t only, std::string_view watched, std::string_view changed);
  WatchEntry* find(std::string_view path, std::uint64_t after);
  void deliver(const Event& event);
  void deliver_missed();
  void call(WatchEntry& entry, std::string_view changed);

  so3::Mutex lock_;  // the table and the queue
  so3::Mutex running_;  // held while a function runs
  void* runner_ = nullptr;  // the thread that holds it
  so3::Semaphore ready_;
  WatchEntry* entries_ = nullptr;
  std::uint64_t last_id_ = 0;
  Event* first_ = nullptr;
  Event* last_ = nullptr;
  std::size_t queued_ = 0;
};

}  // namespace guest
