// What a program says, line by line; the last lines are kept for whoever asks later.
#pragma once
#include <mutex>

#include "engine/machine/line_splitter.hpp"
#include "engine/machine/tail.hpp"

namespace engine {

class Transcript {
 public:
  explicit Transcript(std::size_t kept) : tail_{kept} {}

  // In one thread. Each whole line goes to `shown`; it is kept unless that returns false.
  template <class Shown>
  void feed(std::string_view bytes, Shown&& shown) {
    splitter_.feed(bytes, [&](std::string line) { keep(std::move(line), shown); });
  }
  // What came after the last end of a line.
  template <class Shown>
  void end(Shown&& shown) {
    if (auto rest = splitter_.take_rest(); !rest.empty()) keep(std::move(rest), shown);
  }

  // From any thread.
  Tail tail() const {
    const std::lock_guard lock(mutex_);
    return tail_;
  }

 private:
  template <class Shown>
  void keep(std::string line, Shown&& shown) {
    if (!shown(line)) return;
    const std::lock_guard lock(mutex_);
    tail_.push(std::move(line));
  }

  LineSplitter splitter_;
  mutable std::mutex mutex_;
  Tail tail_;
};

}  // namespace engine
