// Who runs. All functions here are called with interrupts masked, unless they say otherwise.
#pragma once
#include <cstdint>

#include "so3/kernel/ready_queue.hpp"
#include "so3/kernel/shared.hpp"
#include "so3/kernel/thread_control.hpp"

namespace kernel {

struct Scheduler {
  bool need_resched = false;
  bool in_interrupt = false;
  bool slice_running = false;  // two threads of one priority want the CPU
  bool timer_stale = false;    // the timer hardware has to be set again, on the domain's own CPU
  ReadyQueue ready;
  bool look_after_switch = false;  // whoever runs next has something to do first: one of the two below
  Thread* ended = nullptr;     // left the CPU for good; whoever runs next frees what it had
};
extern Scheduler scheduler;

inline Thread& current_thread() { return *arch::current(); }
inline bool in_domcall() { return current_thread().kind == ThreadKind::domcall; }

// The current thread's state says why it leaves the CPU; returns when it has it again.
void schedule();

// Lets those of the same or a higher priority run.
void yield();

void make_ready(Thread& t);

// SharedPage::trace may have changed: from the next switch on avz is told which thread runs, or no longer. Any context.
void follow_trace();

// Moves a thread within its queue when its priority changes.
void set_effective_priority(Thread& t, std::uint32_t priority);

// When preemption is on again and something waited for it. Any context.
void preempt_check();

// The interrupt vector, on the interrupt stack. True: another thread must run, call preempt().
bool interrupt();
// The same after platform::wait().
bool wait_for_events();
void preempt();

// First code of a new thread, interrupts masked.
[[noreturn]] void thread_start();

// Become the first thread, with the stack this runs on.
void adopt_boot_thread(std::byte* stack, std::size_t bytes);

// All that have not ended, the newest first; the image header points here.
extern "C" abi::ThreadDirectory so3_threads;
inline Thread* first_thread() { return reinterpret_cast<Thread*>(so3_threads.first); }
void add_to_all(Thread& t);
void remove_from_all(Thread& t);

}  // namespace kernel
