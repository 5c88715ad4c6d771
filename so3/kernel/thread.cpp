#include "so3/kernel/thread.hpp"

#include <malloc.h>
#include <algorithm>
#include <cstdlib>
#include <new>

#include "so3/arch/address_space.hpp"
#include "so3/kernel/critical.hpp"
#include "so3/kernel/include/so3/panic.h"
#include "so3/kernel/mutexes.hpp"
#include "so3/kernel/scheduler.hpp"

namespace kernel {
namespace {

constexpr std::size_t guard_bytes = 4096;

std::uint32_t valid_priority(std::uint32_t priority) {
  return priority == 0 ? THREAD_PRIO_DEFAULT : std::min(priority, THREAD_PRIO_MAX);
}

std::byte* new_stack(std::size_t bytes) {
  CriticalSection critical;
  auto* const stack = static_cast<std::byte*>(memalign(guard_bytes, bytes));
  if (stack != nullptr && !arch::guard_page(stack)) {
    free(stack);
    return nullptr;
  }
  return stack;
}

void free_stack(std::byte* stack) {
  CriticalSection critical;
  arch::unguard_page(stack);
  free(stack);
}

}  // namespace

void set_name(Thread& t, const char* name) {
  std::size_t n = 0;
  for (; name != nullptr && name[n] != '\0' && n < THREAD_NAME_MAX; ++n) t.name[n] = name[n];
  t.name[n] = '\0';
}

void bury(Thread& t) {
  if (t.kind == ThreadKind::boot) return;  // its stack is part of the image
  remove_from_all(t);
  free_stack(t.stack);
  t.stack = nullptr;
  if (t.detached) {
    t.~Thread();
    free(&t);
  }
}

}  // namespace kernel

using kernel::Masked;
using kernel::Thread;
using kernel::ThreadState;

extern "C" {

tcb_t* kernel_thread_sized(int (*fn)(void*), const char* name, void* arg, std::uint32_t prio, std::size_t stack_bytes) {
  const std::size_t bytes = ((stack_bytes + 4095) & ~std::size_t{4095}) + kernel::guard_bytes;
  void* const memory = malloc(sizeof(Thread));
  if (memory == nullptr) return nullptr;
  std::byte* const stack = kernel::new_stack(bytes);
  if (stack == nullptr) {
    free(memory);
    return nullptr;
  }
  auto& t = *new (memory) Thread;
  t.function = fn;
  t.argument = arg;
  t.priority = t.base_priority = kernel::valid_priority(prio);
  t.stack = stack;
  t.stack_bytes = bytes;
  kernel::set_name(t, name);
  arch::prepare_context(t.context, stack + kernel::guard_bytes, bytes - kernel::guard_bytes, &kernel::thread_start);
  Masked masked;
  kernel::add_to_all(t);
  kernel::make_ready(t);
  return &t;
}

tcb_t* kernel_thread(int (*fn)(void*), const char* name, void* arg, std::uint32_t prio) {
  return kernel_thread_sized(fn, name, arg, prio, THREAD_STACK_DEFAULT);
}

void thread_exit(int result) {
  kernel::check_may_block("thread_exit");
  arch::irq_disable();
  Thread& t = kernel::current_thread();
  if (t.contended != nullptr) panic("thread \"%s\" ended while it held a mutex that others wait for", t.name);
  t.result = result;
  t.state = ThreadState::ended;
  kernel::wake_all(t.joiners);
  kernel::scheduler.ended = &t;
  kernel::scheduler.look_after_switch = true;
  kernel::schedule();
  __builtin_unreachable();
}

int thread_join(tcb_t* t) {
  kernel::check_may_block("thread_join");
  {
    Masked masked;
    if (t == &kernel::current_thread()) panic("thread \"%s\" joins itself", t->name);
    if (t->state != ThreadState::ended) kernel::wait_in(t->joiners);  // whoever ran after it has freed its stack
  }
  const int result = t->result;
  if (t->kind == kernel::ThreadKind::normal) {
    t->~so3_thread();
    free(t);
  }
  return result;
}

void thread_detach(tcb_t* t) {
  bool ended = false;
  {
    Masked masked;
    ended = t->state == ThreadState::ended;
    t->detached = true;
  }
  if (ended) free(t);
}

tcb_t* current() { return arch::current(); }

const char* thread_name(const tcb_t* t) { return t != nullptr ? t->name : "?"; }
std::uint32_t thread_prio(const tcb_t* t) { return t->base_priority; }
std::uint32_t thread_effective_prio(const tcb_t* t) { return t->priority; }

void thread_set_prio(tcb_t* t, std::uint32_t prio) {
  Masked masked;
  t->base_priority = kernel::valid_priority(prio);
  kernel::update_priority(*t);
}

void thread_yield() {
  kernel::check_may_block("thread_yield");
  arch::irq_disable();  // they were on, or it may not block
  kernel::yield();
  arch::irq_enable();
}

void preempt_disable() { kernel::enter_critical(); }
void preempt_enable() { kernel::leave_critical(); }

}  // extern "C"
