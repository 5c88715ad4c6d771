// Sequences that must not mix: one goes on, the others wait, in order.
#pragma once
#include <coroutine>
#include <deque>
#include <utility>

#include "so3/agency/loop/doorbell.hpp"

namespace agency {

class Turns : private Doorbell {
 public:
  explicit Turns(Doorbells& bells) : Doorbell{bells} {}

  // Ends with its destruction.
  class [[nodiscard]] Turn {
   public:
    Turn(Turn&& other) noexcept : turns_{std::exchange(other.turns_, nullptr)} {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->end();
    }

   private:
    friend class Turns;
    explicit Turn(Turns* turns) : turns_{turns} {}
    Turns* turns_;
  };

  // co_await turns.next() -> Turn
  auto next() {
    struct Wait {
      Turns* turns;
      bool await_ready() const { return !std::exchange(turns->taken_, true); }
      void await_suspend(std::coroutine_handle<> waiter) { turns->waiting_.push_back(waiter); }
      Turn await_resume() const { return Turn{turns}; }
    };
    return Wait{this};
  }

 private:
  void end() {
    if (waiting_.empty()) taken_ = false;
    else ring();
  }
  // Not from within end(): the one before is still on the stack.
  void answer() override {
    const auto waiter = waiting_.front();
    waiting_.pop_front();
    waiter.resume();
  }

  bool taken_ = false;
  std::deque<std::coroutine_handle<>> waiting_;
};

}  // namespace agency
