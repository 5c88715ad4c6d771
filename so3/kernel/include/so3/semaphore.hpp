// Semaphores as objects.
#pragma once
#include <chrono>

#include "so3/semaphore.h"

namespace so3 {

class Semaphore {
 public:
  explicit constexpr Semaphore(std::uint32_t count = 0) : semaphore_{.count = count, .waiters = {}} {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  void down() { semaphore_down(&semaphore_); }
  [[nodiscard]] bool try_down() { return semaphore_trydown(&semaphore_); }
  // False: the time passed.
  [[nodiscard]] bool down_for(std::chrono::nanoseconds timeout) {
    return semaphore_down_timeout(&semaphore_, timeout.count() > 0 ? static_cast<std::uint64_t>(timeout.count()) : 0);
  }
  void up() { semaphore_up(&semaphore_); }

 private:
  semaphore_t semaphore_;
};

}  // namespace so3
