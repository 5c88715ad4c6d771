// Completions as objects.
#pragma once
#include <chrono>

#include "so3/completion.h"

namespace so3 {

class Completion {
 public:
  constexpr Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  void wait() { wait_for_completion(&completion_); }
  // False: the time passed.
  [[nodiscard]] bool wait_for(std::chrono::nanoseconds timeout) {
    return wait_for_completion_timeout(&completion_,
                                       timeout.count() > 0 ? static_cast<std::uint64_t>(timeout.count()) : 0);
  }
  void complete() { ::complete(&completion_); }
  void complete_all() { ::complete_all(&completion_); }
  void reset() { reinit_completion(&completion_); }
  [[nodiscard]] bool done() const { return completion_done(&completion_); }

 private:
  completion_t completion_{};
};

}  // namespace so3
