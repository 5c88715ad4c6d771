// A ticket lock between CPUs: first come, first served. avz runs with interrupts masked, so no more is needed.
#pragma once
#include <atomic>
#include <cstdint>

#include "so3/arch/barrier.hpp"

namespace avz {

class SpinLock {
 public:
  void lock() {
    const auto mine = next_.fetch_add(1, std::memory_order_relaxed);
    while (serving_.load(std::memory_order_acquire) != mine) arch::yield();
  }
  void unlock() { serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

 private:
  std::atomic<std::uint32_t> next_{0}, serving_{0};
};

class LockGuard {
 public:
  explicit LockGuard(SpinLock& lock) : lock_{lock} { lock_.lock(); }
  ~LockGuard() { lock_.unlock(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  SpinLock& lock_;
};

}  // namespace avz
