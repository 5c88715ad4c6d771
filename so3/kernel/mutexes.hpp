// Priority inheritance.
#pragma once
#include "so3/kernel/thread_control.hpp"

namespace kernel {

// Sets the priority in force from the thread's own and from those who wait for its mutexes, and passes a raised one on
// to whoever that thread itself waits for. Interrupts masked.
void update_priority(Thread& t);

}  // namespace kernel
