#include "so3/kernel/wait_queue.hpp"

#include "so3/kernel/critical.hpp"
#include "so3/kernel/domcall.hpp"
#include "so3/kernel/include/so3/domcall.h"
#include "so3/kernel/include/so3/panic.h"
#include "so3/kernel/scheduler.hpp"

namespace kernel {
namespace {

void time_is_up(void* data) {
  auto& t = *static_cast<Thread*>(data);
  t.timed_out = true;
  if (t.waiting_in != nullptr) remove_from(*t.waiting_in, t);
  make_ready(t);
}

}  // namespace

void insert_by_priority(so3_wait_queue& queue, Thread& t) {
  Thread* previous = nullptr;
  Thread* next = queue.first;
  while (next != nullptr && next->priority >= t.priority) {
    previous = next;
    next = next->next;
  }
  t.previous = previous;
  t.next = next;
  (previous != nullptr ? previous->next : queue.first) = &t;
  if (next != nullptr) next->previous = &t;
  t.waiting_in = &queue;
}

void remove_from(so3_wait_queue& queue, Thread& t) {
  (t.previous != nullptr ? t.previous->next : queue.first) = t.next;
  if (t.next != nullptr) t.next->previous = t.previous;
  t.waiting_in = nullptr;
}

bool wait_in(so3_wait_queue& queue, std::uint64_t deadline_ns, ThreadState as) {
  Thread& t = current_thread();
  t.state = as;
  t.timed_out = false;
  insert_by_priority(queue, t);
  if (deadline_ns != forever) {
    init_timer(&t.timeout, &time_is_up, &t);
    set_timer(&t.timeout, deadline_ns);
  }
  schedule();
  if (deadline_ns != forever) stop_timer(&t.timeout);
  return !t.timed_out;
}

Thread* wake_one(so3_wait_queue& queue) {
  Thread* const t = queue.first;
  if (t == nullptr) return nullptr;
  remove_from(queue, *t);
  t->timed_out = false;
  make_ready(*t);
  return t;
}

void wake_all(so3_wait_queue& queue) {
  while (wake_one(queue) != nullptr) {
  }
}

void may_not_block(const char* what) {
  if (in_domcall()) blocked_in_domcall(what);
  panic("%s may wait, but was called %s, by thread \"%s\"", what,
        scheduler.in_interrupt                ? "in an interrupt handler"
        : read_shared(shared().critical) != 0 ? "with preemption off or a spinlock held"
                                              : "with interrupts off",
        thread_name(&current_thread()));
}

}  // namespace kernel

extern "C" void assert_may_block(const char* what) { kernel::check_may_block(what); }
