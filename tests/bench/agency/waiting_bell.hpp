// A doorbell that a coroutine waits for.
#pragma once
#include <coroutine>
#include <utility>

#include "so3/agency/loop/doorbell.hpp"

namespace bench {

class WaitingBell final : public agency::Doorbell {
 public:
  using Doorbell::Doorbell;

  // co_await bell: until it is rung. May end early, so look again at what was waited for.
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  void await_resume() const {}

  void answer() override {
    if (auto waiter = std::exchange(waiter_, {})) waiter.resume();
  }

 private:
  std::coroutine_handle<> waiter_;
};

}  // namespace bench
