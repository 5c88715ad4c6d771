// One snapshot on its way into a file: it comes in the machine's thread and is written in that of whoever asked for it,
// so that a slow disk does not stop the machine. The ME writes on, and waits at most 2 s in all for the disk: then the
// agency gives the snapshot up.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/link/message.hpp"
#include "engine/snapshot/file_writer.hpp"

namespace engine {

struct SavedSnapshot {
  std::string name;  // of the ME
  std::uint64_t file_size, stream_length;
};

class Saving {
 public:
  explicit Saving(std::unique_ptr<SnapshotWriter> writer) : writer_{std::move(writer)} {}

  // ---- whoever asked
  // Returns when the file is there, or when there will be none, and the agency has answered. `poke` is called when the
  // machine's thread should look again. Fails when nothing happens for `patience`, in which no time counts that the
  // disk takes.
  [[nodiscard]] Result<SavedSnapshot> run(std::chrono::milliseconds patience, const std::function<void()>& poke);

  // ---- the machine's thread
  void name(std::string_view of_the_me);
  void add(std::string_view bytes);
  void complete();
  // It ends here: there will be no file, unless it is there already.
  void abandon(Error why);
  // What the agency says that became of it, or why it cannot say so.
  void answered(std::optional<Error> failure);
  std::size_t held() const;  // bytes that are not with the kernel yet
  bool made() const;  // the file
  std::optional<Error> trouble() const;  // with the file

 private:
  void write(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds patience, const std::function<void()>& poke);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<SnapshotWriter> writer_;  // of whoever asked
  std::string name_;
  std::deque<std::string> pieces_;
  std::size_t held_ = 0;
  bool complete_ = false, made_ = false, answered_ = false;
  std::optional<Error> trouble_, abandoned_, refused_;
};

}  // namespace engine
