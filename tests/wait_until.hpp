// Waiting in a test for what another process or thread does: with an end, in whatever way it fails.
#pragma once
#include <sched.h>
#include <sys/wait.h>

#include <chrono>

namespace tests {

inline constexpr std::chrono::seconds patience{120};  // for what never comes

// Whether a child has ended; it stays to be waited for.
inline bool is_over(pid_t child) {
  siginfo_t about{};
  return ::waitid(P_PID, static_cast<id_t>(child), &about, WEXITED | WNOHANG | WNOWAIT) != 0 || about.si_pid != 0;
}

// Whether `holds()` came true: before the patience was over, and before the child ended that is to bring it about.
template <class Condition>
[[nodiscard]] bool wait_until(Condition holds, pid_t child = 0) {
  for (const auto deadline = std::chrono::steady_clock::now() + patience; !holds(); ::sched_yield()) {
    if (child != 0 && is_over(child)) return holds();
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

}  // namespace tests
