#include "so3/kernel/scheduler.hpp"

#include "so3/kernel/clock.hpp"
#include "so3/kernel/critical.hpp"
#include "so3/kernel/platform.hpp"
#include "so3/kernel/thread.hpp"
#include "so3/kernel/timers.hpp"

namespace kernel {

Scheduler scheduler;

constinit abi::ThreadDirectory so3_threads = {
    .magic = abi::thread_directory_magic, .version = 1, .count = 0, .first = 0, .running = 0};

namespace {

timer slice;
bool turn_is_over = false;

void slice_ends(void*) {
  turn_is_over = true;
  scheduler.slice_running = false;
  scheduler.need_resched = true;
}

// The timer runs only while somebody waits for his turn.
[[gnu::noinline]] void start_slice() {
  scheduler.slice_running = true;
  set_timer(&slice, now_ns() + MILLISECS(THREAD_SLICE_MS));
}

// No thread is ready. The caller's thread waits, or has ended and still lends its stack.
[[gnu::noinline]] void idle() {
  while (scheduler.ready.empty()) {
    arch::on_interrupt_stack(&wait_for_events);
  }
}

[[gnu::noinline]] void look_after_switch() {
  if (Thread* const t = scheduler.ended; t != nullptr) {
    scheduler.ended = nullptr;
    bury(*t);
  }
  // A trace that has ended, or was on at another place only, is found out here.
  scheduler.look_after_switch = read_shared(shared().trace) != 0;
  if (scheduler.look_after_switch) platform::trace_thread(current_thread());
}

// The first thing each thread does when it gets the CPU.
void after_switch() {
  if (scheduler.look_after_switch) [[unlikely]]
    look_after_switch();
}

void switch_to(Thread& to) {
  scheduler.need_resched = false;
  to.state = ThreadState::running;
  arch::switch_context(current_thread(), to);
  after_switch();
}

}  // namespace

void schedule() {
  if (scheduler.ready.empty()) [[unlikely]]
    idle();
  Thread& to = scheduler.ready.pop();
  if (scheduler.ready.has(to.priority) && !scheduler.slice_running) [[unlikely]]
    start_slice();
  if (&to != &current_thread()) return switch_to(to);
  scheduler.need_resched = false;
  to.state = ThreadState::running;
}

void yield() {
  Thread& t = current_thread();
  const int top = scheduler.ready.top_priority();
  const int mine = static_cast<int>(t.priority);
  if (top < mine) return;
  t.state = ThreadState::ready;
  if (top == mine) {
    Thread& to = scheduler.ready.rotate(t);
    if (!scheduler.slice_running) [[unlikely]]
      start_slice();
    return switch_to(to);
  }
  scheduler.ready.push_back(t);
  schedule();
}

void make_ready(Thread& t) {
  t.state = ThreadState::ready;
  scheduler.ready.push_back(t);
  const Thread& running = current_thread();
  // In a domcall the thread that its CPU will go on with is another one: look again there.
  if (t.priority > running.priority || running.kind == ThreadKind::domcall) scheduler.need_resched = true;
  else if (t.priority == running.priority && !scheduler.slice_running) start_slice();
}

void follow_trace() {
  if (read_shared(shared().trace) != 0) scheduler.look_after_switch = true;
}

void set_effective_priority(Thread& t, std::uint32_t priority) {
  if (t.priority == priority) return;
  switch (t.state) {
    case ThreadState::ready:
      scheduler.ready.remove(t);
      t.priority = priority;
      scheduler.ready.push_back(t);
      break;
    case ThreadState::waiting:
    case ThreadState::sleeping:
      t.priority = priority;
      if (so3_wait_queue* const queue = t.waiting_in; queue != nullptr) {
        remove_from(*queue, t);
        insert_by_priority(*queue, t);
      }
      break;
    default: t.priority = priority;
  }
  scheduler.need_resched = true;
}

namespace {

template <void (*Handle)()>
[[gnu::always_inline]] inline bool handle_interrupt() {
  scheduler.in_interrupt = true;
  Handle();
  scheduler.in_interrupt = false;
  if (scheduler.timer_stale) program_timer();
  if (read_shared(shared().critical) != 0) return false;
  if (read_shared(shared().stop_requested) != 0) {
    platform::park();
    if (scheduler.timer_stale) program_timer();
  }
  return scheduler.need_resched;
}

}  // namespace

bool interrupt() { return handle_interrupt<platform::dispatch>(); }
bool wait_for_events() {
  platform::wait();
  return handle_interrupt<platform::handle_events>();
}

void preempt() {
  Thread& t = current_thread();
  scheduler.need_resched = false;
  const bool rotate = turn_is_over;
  turn_is_over = false;
  const int top = scheduler.ready.top_priority();
  const int mine = static_cast<int>(t.priority);
  if (top < mine) return;
  if (top == mine && !rotate) {
    if (!scheduler.slice_running) start_slice();
    return;
  }
  t.state = ThreadState::ready;
  if (rotate) scheduler.ready.push_back(t);
  else scheduler.ready.push_front(t);
  schedule();
}

void preempt_check() {
  if (in_domcall() || arch::irqs_masked() || read_shared(shared().critical) != 0) return;
  arch::irq_disable();
  if (read_shared(shared().stop_requested) != 0) {
    platform::park();
    if (scheduler.timer_stale) program_timer();
  }
  if (scheduler.need_resched) preempt();
  arch::irq_enable();
}

void thread_start() {
  after_switch();
  arch::irq_enable();
  Thread& t = current_thread();
  thread_exit(t.function(t.argument));
}

void adopt_boot_thread(std::byte* stack, std::size_t bytes) {
  static Thread boot;
  boot.kind = ThreadKind::boot;
  boot.state = ThreadState::running;
  boot.detached = true;
  boot.stack = stack;
  boot.stack_bytes = bytes;
  set_name(boot, "boot");
  arch::set_current(&boot);
  start_timers();
  init_timer(&slice, &slice_ends, nullptr);
  add_to_all(boot);
}

void add_to_all(Thread& t) {
  t.next_of_all = first_thread();
  so3_threads.first = reinterpret_cast<std::uintptr_t>(&t);
  ++so3_threads.count;
}

void remove_from_all(Thread& t) {
  --so3_threads.count;
  if (first_thread() == &t) {
    so3_threads.first = reinterpret_cast<std::uintptr_t>(t.next_of_all);
    return;
  }
  Thread* before = first_thread();
  while (before->next_of_all != &t) before = before->next_of_all;
  before->next_of_all = t.next_of_all;
}

extern "C" bool so3_interrupt() { return interrupt(); }
extern "C" void so3_preempt() { preempt(); }

}  // namespace kernel
