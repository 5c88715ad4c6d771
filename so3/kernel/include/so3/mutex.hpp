// Mutexes as objects. Works with so3::LockGuard and with std::lock_guard alike.
#pragma once
#include "so3/mutex.h"

namespace so3 {

class Mutex {
 public:
  constexpr Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() { mutex_lock(&mutex_); }
  [[nodiscard]] bool try_lock() { return mutex_trylock(&mutex_); }
  void unlock() { mutex_unlock(&mutex_); }
  mutex_t* native() { return &mutex_; }

 private:
  mutex_t mutex_{};
};

template <typename Lockable = Mutex>
class [[nodiscard]] LockGuard {
 public:
  explicit LockGuard(Lockable& lock) : lock_{lock} { lock_.lock(); }
  ~LockGuard() { lock_.unlock(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  Lockable& lock_;
};

}  // namespace so3
