// Where the agency's sequences wait: for something about an ME to change, or for a time.
#pragma once
#include <coroutine>
#include <cstdint>
#include <optional>
#include <vector>

namespace agency {

class Loop {
 public:
  // Nanoseconds, monotonic.
  using Clock = std::uint64_t (*)();
  explicit Loop(Clock clock) : clock_{clock} {}

  class [[nodiscard]] Wait {
   public:
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter);
    // True: woken by notify(); false: the time came.
    bool await_resume() const { return notified_; }

   private:
    friend class Loop;
    Wait(Loop& loop, std::uint32_t slot, std::uint64_t deadline) : loop_{&loop}, slot_{slot}, deadline_{deadline} {}
    Loop* loop_;
    std::uint32_t slot_;
    std::uint64_t deadline_;
    bool notified_ = false;
    std::coroutine_handle<> waiter_;
  };

  std::uint64_t now() const { return clock_(); }
  // co_await loop.change(slot, deadline): notify() before this is not remembered, so look first, then wait.
  Wait change(std::uint32_t slot, std::uint64_t deadline) { return Wait{*this, slot, deadline}; }
  Wait until(std::uint64_t deadline) { return Wait{*this, nobody, deadline}; }

  void notify(std::uint32_t slot);
  // Resumes whoever was notified or whose time has come.
  void run();
  // When run() has something to do next; now, if it is overdue.
  std::optional<std::uint64_t> next_deadline() const;

 private:
  static constexpr std::uint32_t nobody = UINT32_MAX;
  Clock clock_;
  std::vector<Wait*> waiting_;
};

inline constexpr std::uint64_t ms = 1'000'000;  // in nanoseconds

}  // namespace agency
