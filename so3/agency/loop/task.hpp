// A sequence of steps that waits in between, written as one function: a coroutine that starts when it is awaited or
// spawned, and returns a T. An ME's life is such a sequence, so that hundreds may wait at once without a stack each.
#pragma once
#include <coroutine>
#include <cstdlib>
#include <optional>
#include <utility>

namespace agency {

template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> then = std::noop_coroutine();

    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        return self.promise().then;
      }
      void await_resume() noexcept {}
    };
    Task get_return_object() { return Task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    template <typename V>
    void return_value(V&& v) {
      value.emplace(std::forward<V>(v));
    }
    [[noreturn]] void unhandled_exception() noexcept { std::abort(); }
  };

  Task(Task&& other) noexcept : self_{std::exchange(other.self_, nullptr)} {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (self_) self_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    self_.promise().then = caller;
    return self_;
  }
  T await_resume() { return std::move(*self_.promise().value); }

 private:
  explicit Task(std::coroutine_handle<promise_type> self) : self_{self} {}
  std::coroutine_handle<promise_type> self_;
};

// What a Task returns that has nothing to say.
struct Done {};

namespace detail {
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    [[noreturn]] void unhandled_exception() noexcept { std::abort(); }
  };
};
template <typename T>
Detached run(Task<T> task) {
  co_await task;
}
}  // namespace detail

// Runs the task until it waits; it ends by itself.
template <typename T>
void spawn(Task<T> task) {
  detail::run(std::move(task));
}

}  // namespace agency
