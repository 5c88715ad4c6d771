#include "so3/kernel/include/so3/mutex.h"

#include <algorithm>
#include <atomic>

#include "so3/kernel/critical.hpp"
#include "so3/kernel/domcall.hpp"
#include "so3/kernel/include/so3/panic.h"
#include "so3/kernel/mutexes.hpp"
#include "so3/kernel/wait_queue.hpp"

// The owner word is 0 when free, else the owning thread; bit 0 says that others wait, and is changed with interrupts
// masked only. A free mutex is taken, and one that nobody waits for is given back, by one compare-and-swap.

namespace kernel {
namespace {

constexpr std::uintptr_t waited_for = 1;

std::atomic_ref<std::uintptr_t> owner_word(mutex_t& m) { return std::atomic_ref<std::uintptr_t>{m.owner}; }
Thread* owner_of(const mutex_t& m) { return reinterpret_cast<Thread*>(m.owner & ~waited_for); }
std::uintptr_t word_of(const Thread& t) { return reinterpret_cast<std::uintptr_t>(&t); }

void add_contended(Thread& owner, mutex_t& m) {
  m.next_contended = owner.contended;
  owner.contended = &m;
}

void remove_contended(Thread& owner, mutex_t& m) {
  for (mutex_t** at = &owner.contended; *at != nullptr; at = &(*at)->next_contended)
    if (*at == &m) {
      *at = m.next_contended;
      return;
    }
}

[[gnu::noinline]] void lock_contended(mutex_t& m) {
  Thread& t = current_thread();
  if (in_domcall()) blocked_in_domcall("mutex_lock of a mutex that is held");
  check_may_block("mutex_lock");
  Masked masked;
  Thread* const owner = owner_of(m);
  if (owner == nullptr) {  // given back in the meantime
    m.owner = word_of(t);
    return;
  }
  if (owner == &t) panic("thread \"%s\" locks mutex %p, which it holds already", t.name, static_cast<void*>(&m));
  if ((m.owner & waited_for) == 0) {
    m.owner |= waited_for;
    add_contended(*owner, m);
  }
  t.waiting_for = &m;
  // Lend the priority, along the chain of owners that wait themselves.
  if (t.priority > owner->priority) {
    set_effective_priority(*owner, t.priority);
    if (owner->waiting_for != nullptr) update_priority(*owner_of(*owner->waiting_for));
  }
  wait_in(m.waiters);  // whoever unlocks makes this thread the owner
  t.waiting_for = nullptr;
}

[[gnu::noinline]] void unlock_contended(mutex_t& m) {
  Thread& t = current_thread();
  Masked masked;
  if (owner_of(m) != &t)
    panic("thread \"%s\" unlocks mutex %p, which %s%s", t.name, static_cast<void*>(&m),
          owner_of(m) != nullptr ? "is held by " : "is free", owner_of(m) != nullptr ? owner_of(m)->name : "");
  remove_contended(t, m);
  Thread* const next = wake_one(m.waiters);
  m.owner = next != nullptr ? word_of(*next) : 0;
  if (next != nullptr) {
    next->waiting_for = nullptr;
    if (m.waiters.first != nullptr) {
      m.owner |= waited_for;
      add_contended(*next, m);
      update_priority(*next);
    }
  }
  update_priority(t);
}

}  // namespace

void update_priority(Thread& thread) {
  constexpr int chain_max = 32;  // a deadlock is a cycle: do not follow it for ever
  Thread* t = &thread;
  for (int i = 0; i < chain_max && t != nullptr; ++i) {
    std::uint32_t priority = t->base_priority;
    for (const mutex_t* m = t->contended; m != nullptr; m = m->next_contended)
      if (m->waiters.first != nullptr) priority = std::max(priority, m->waiters.first->priority);
    if (priority == t->priority) return;
    set_effective_priority(*t, priority);
    t = t->waiting_for != nullptr ? owner_of(*t->waiting_for) : nullptr;
  }
}

}  // namespace kernel

using kernel::current_thread;
using kernel::owner_word;
using kernel::word_of;

extern "C" {

void mutex_init(mutex_t* m) { *m = mutex_t{}; }

void mutex_lock(mutex_t* m) {
  std::uintptr_t free = 0;
  if (!owner_word(*m).compare_exchange_strong(free, word_of(current_thread()), std::memory_order_acquire)) [[unlikely]]
    kernel::lock_contended(*m);
}

bool mutex_trylock(mutex_t* m) {
  std::uintptr_t free = 0;
  return owner_word(*m).compare_exchange_strong(free, word_of(current_thread()), std::memory_order_acquire);
}

void mutex_unlock(mutex_t* m) {
  std::uintptr_t mine = word_of(current_thread());
  if (!owner_word(*m).compare_exchange_strong(mine, 0, std::memory_order_release)) [[unlikely]]
    kernel::unlock_contended(*m);
}

bool mutex_is_locked(const mutex_t* m) { return m->owner != 0; }

}  // extern "C"
