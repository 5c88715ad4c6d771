// What so3/arch/arm64/barrier.hpp means between threads of a test.
#pragma once
#include <atomic>
#include <thread>

namespace arch {

inline void dmb_ish() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline void dsb_ish() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline void dsb_ishst() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline void dsb_nsh() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline void dsb_sy() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline void isb() {}

inline void yield() { std::this_thread::yield(); }
inline void wfi() { std::this_thread::yield(); }

}  // namespace arch
