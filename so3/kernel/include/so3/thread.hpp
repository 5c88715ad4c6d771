// Threads as objects: joined when they go out of scope.
#pragma once
#include <concepts>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "so3/thread.h"

namespace so3 {

struct ThreadOptions {
  const char* name = "thread";
  std::uint32_t priority = THREAD_PRIO_DEFAULT;
  std::size_t stack_bytes = THREAD_STACK_DEFAULT;
};

// Runs a callable in a thread of its own. The destructor waits for its end, so a Thread outlives what it borrows.
// When there is no memory the object is empty: test it with `if (thread)`.
class Thread {
 public:
  Thread() = default;

  template <std::invocable F>
  explicit Thread(F f, const ThreadOptions& options = {}) {
    std::unique_ptr<F> owned{new (std::nothrow) F(std::move(f))};
    if (!owned) return;
    thread_ = kernel_thread_sized(&run<F>, options.name, owned.get(), options.priority, options.stack_bytes);
    if (thread_ != nullptr) owned.release();  // run() owns it now
  }

  Thread(Thread&& other) noexcept : thread_{std::exchange(other.thread_, nullptr)} {}
  Thread& operator=(Thread&& other) noexcept {
    if (this != &other) {
      join();
      thread_ = std::exchange(other.thread_, nullptr);
    }
    return *this;
  }
  ~Thread() { join(); }

  explicit operator bool() const { return thread_ != nullptr; }

  // What the callable returned; 0 when it returns nothing or the object is empty.
  int join() { return thread_ != nullptr ? thread_join(std::exchange(thread_, nullptr)) : 0; }
  void detach() {
    if (thread_ != nullptr) thread_detach(std::exchange(thread_, nullptr));
  }
  tcb_t* get() const { return thread_; }

 private:
  template <typename F>
  static int run(void* arg) {
    std::unique_ptr<F> f{static_cast<F*>(arg)};
    if constexpr (std::is_convertible_v<std::invoke_result_t<F&>, int>) {
      return (*f)();
    } else {
      (*f)();
      return 0;
    }
  }

  tcb_t* thread_ = nullptr;
};

// No preemption in this scope.
class PreemptGuard {
 public:
  PreemptGuard() { preempt_disable(); }
  ~PreemptGuard() { preempt_enable(); }
  PreemptGuard(const PreemptGuard&) = delete;
  PreemptGuard& operator=(const PreemptGuard&) = delete;
};

}  // namespace so3
