// Threads that are ready, by priority: every operation takes constant time.
#pragma once
#include <bit>
#include <cstdint>

#include "so3/kernel/thread_control.hpp"

namespace kernel {

class ReadyQueue {
 public:
  bool empty() const { return bitmap_ == 0; }

  // Of the most urgent thread; -1 when empty.
  int top_priority() const { return 31 - std::countl_zero(bitmap_); }
  bool has(std::uint32_t priority) const { return ((bitmap_ >> priority) & 1) != 0; }

  void push_back(Thread& t) {
    List& list = lists_[t.priority];
    t.next = nullptr;
    t.previous = list.last;
    (list.last != nullptr ? list.last->next : list.first) = &t;
    list.last = &t;
    bitmap_ |= 1u << t.priority;
  }

  // push_back() and pop() in one, when others of its priority are ready and none that is more urgent.
  Thread& rotate(Thread& t) {
    List& list = lists_[t.priority];
    Thread& to = *list.first;
    t.next = nullptr;
    t.previous = list.last;
    list.last->next = &t;
    list.last = &t;
    list.first = to.next;
    to.next->previous = nullptr;
    return to;
  }

  // A preempted thread goes on where it was, before its equals.
  void push_front(Thread& t) {
    List& list = lists_[t.priority];
    t.previous = nullptr;
    t.next = list.first;
    (list.first != nullptr ? list.first->previous : list.last) = &t;
    list.first = &t;
    bitmap_ |= 1u << t.priority;
  }

  void remove(Thread& t) {
    List& list = lists_[t.priority];
    (t.previous != nullptr ? t.previous->next : list.first) = t.next;
    (t.next != nullptr ? t.next->previous : list.last) = t.previous;
    if (list.first == nullptr) bitmap_ &= ~(1u << t.priority);
  }

  // Must not be empty.
  Thread& pop() {
    if (bitmap_ == 0) __builtin_unreachable();
    const auto priority = static_cast<std::uint32_t>(top_priority());
    List& list = lists_[priority];
    Thread& t = *list.first;
    list.first = t.next;
    if (list.first != nullptr) {
      list.first->previous = nullptr;
    } else {
      list.last = nullptr;
      bitmap_ &= ~(1u << priority);
    }
    return t;
  }

 private:
  struct List {
    Thread* first;
    Thread* last;
  };
  std::uint32_t bitmap_ = 0;
  List lists_[THREAD_PRIO_MAX + 1] = {};
};

}  // namespace kernel
