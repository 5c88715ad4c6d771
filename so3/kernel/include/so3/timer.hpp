// A timer with its function: stopped when it goes out of scope.
#pragma once
#include <chrono>
#include <concepts>
#include <utility>

#include "so3/timer.h"

namespace so3 {

// F runs in interrupt context: it may wake threads, it must not block or allocate.
//   so3::Timer tick{[&] { done.complete(); }};   tick.start_after(10ms);
template <std::invocable F>
class Timer {
 public:
  explicit Timer(F f) : function_{std::move(f)} { init_timer(&timer_, &run, this); }
  ~Timer() { stop(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start_after(std::chrono::nanoseconds delay) {
    set_timer(&timer_, NOW() + (delay.count() > 0 ? static_cast<std::uint64_t>(delay.count()) : 0));
  }
  void start_at(std::uint64_t monotonic_ns) { set_timer(&timer_, monotonic_ns); }
  bool stop() { return stop_timer(&timer_); }

 private:
  static void run(void* self) { static_cast<Timer*>(self)->function_(); }

  F function_;
  timer timer_{};
};

}  // namespace so3
