// Who may use a device, and when: one thread at a time, and only while the device is connected.
//
// The core opens and shuts it when the device's state changes (device.hpp), so that a driver neither sees a suspend nor
// can forget it. The functions that a device offers to authors go through it:
//
//   bool Led::set(unsigned number, bool on) {
//     vbus::Gate::Session session{gate()};  // waits while the device is suspended
//     while (session.open()) {
//       if (ring_.put({number, on})) return true;
//       session.expect_signal();
//       if (ring_.prepare_wait()) session.wait();  // suspended meanwhile: leaves, and is in again afterwards
//     }
//     return false;
//   }
#pragma once
#include <atomic>
#include <cstdint>

#include "so3/kernel/include/so3/completion.hpp"
#include "so3/kernel/include/so3/mutex.hpp"
#include "so3/kernel/include/so3/semaphore.hpp"

namespace vbus {

class Gate {
 public:
  constexpr Gate() = default;
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  bool is_open() const { return state_ == State::open; }
  bool is_suspended() const { return state_ == State::suspended; }

  // The device's channel was signalled. Interrupt context.
  void signalled() {
    if (expected_.exchange(false)) signal_.up();
  }

  // Waits while the device is suspended. False: it need not be open afterwards; or this is a thread that resuming needs
  // (the core's own: cb_pre_resume, watch functions), or one that may not wait at all.
  bool wait_until_resumed();

  // A thread's stay inside. Not in domcalls and interrupt handlers.
  class [[nodiscard]] Session {
   public:
    explicit Session(Gate& gate) : gate_{gate} { gate_.enter(); }
    ~Session() { gate_.leave(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // False: not connected, or closed; or suspended, and this thread must not wait.
    bool open() const { return gate_.is_open(); }
    // Before the last look at the ring: a signal from now on ends wait().
    void expect_signal() { gate_.expect_signal(); }
    // Until the device is signalled, or was suspended and resumed.
    void wait() { gate_.wait_inside(); }

   private:
    Gate& gate_;
  };

  // ---- The pieces of a session, for a device with a way of its own when it is not open.
  void lock() { inside_.lock(); }
  [[nodiscard]] bool try_lock() { return inside_.try_lock(); }
  void unlock() { inside_.unlock(); }
  void expect_signal() { expected_ = true; }
  // With the lock held: until signalled(), or the gate is no longer open.
  void wait_signal() { signal_.down(); }
  // With the lock held: the device is of no use any more.
  void break_off() { state_ = State::shut; }

  // ---- The core.
  void open();
  // On return nobody is inside; who comes waits.
  void suspend() { close(State::suspended); }
  // On return nobody is inside; who waits or comes is turned away.
  void shut() { close(State::shut); }

 private:
  enum class State : std::uint8_t { shut, open, suspended };
  void enter();
  void leave() { inside_.unlock(); }
  void wait_inside();
  void close(State state);

  so3::Mutex inside_;
  std::atomic<State> state_ = State::shut;
  std::atomic<bool> expected_ = false;
  so3::Semaphore signal_;
  so3::Completion resumed_;  // or shut
};

}  // namespace vbus
