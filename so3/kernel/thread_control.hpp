// What the kernel knows of a thread.
#pragma once
#include <cstddef>
#include <cstdint>

#include "so3/abi/threads.hpp"
#include "so3/arch/context.hpp"
#include "so3/kernel/include/so3/mutex.h"
#include "so3/kernel/include/so3/thread.h"
#include "so3/kernel/include/so3/timer.h"

namespace kernel {

using abi::ThreadState;
enum class ThreadKind : std::uint8_t { normal, boot, domcall };

}  // namespace kernel

// Begins as an abi::ThreadRecord, so that whoever reads the memory finds the threads at no cost to their switch.
struct so3_thread {
  so3_thread* next_of_all = nullptr;
  char name[THREAD_NAME_MAX + 1] = {};
  kernel::ThreadState state = kernel::ThreadState::ready;
  std::uint32_t priority = THREAD_PRIO_DEFAULT;  // in force
  std::byte* stack = nullptr;                    // lowest address: the guard page
  std::size_t stack_bytes = 0;                   // with the guard page
  arch::Context context = {};                    // SP first

  // In a ready list or in a wait queue, never in both.
  so3_thread* next = nullptr;
  so3_thread* previous = nullptr;
  std::uint32_t base_priority = THREAD_PRIO_DEFAULT;
  kernel::ThreadKind kind = kernel::ThreadKind::normal;
  bool timed_out = false;
  bool detached = false;
  bool resumes_devices = false;  // the runtime's own: it must not wait for a suspended device, which it has to resume
  so3_wait_queue* waiting_in = nullptr;
  mutex_t* waiting_for = nullptr;  // when it waits for a mutex: whom to lend the priority to
  mutex_t* contended = nullptr;  // mutexes it holds that others wait for

  int (*function)(void*) = nullptr;
  void* argument = nullptr;
  int result = 0;
  so3_wait_queue joiners = {};
  timer timeout = {};

  const char* activity = nullptr;  // what a domcall is doing: the callback's name
};
static_assert(offsetof(so3_thread, next_of_all) == offsetof(abi::ThreadRecord, next) &&
              offsetof(so3_thread, name) == offsetof(abi::ThreadRecord, name) &&
              sizeof(so3_thread::name) == sizeof(abi::ThreadRecord::name) &&
              offsetof(so3_thread, state) == offsetof(abi::ThreadRecord, state) &&
              offsetof(so3_thread, priority) == offsetof(abi::ThreadRecord, priority) &&
              offsetof(so3_thread, stack) == offsetof(abi::ThreadRecord, stack) &&
              offsetof(so3_thread, stack_bytes) == offsetof(abi::ThreadRecord, stack_size) &&
              offsetof(so3_thread, context) == arch::context_in_thread);

namespace kernel {
using Thread = ::so3_thread;
}
