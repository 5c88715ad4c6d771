// The life of a thread, for the kernel itself.
#pragma once
#include "so3/kernel/thread_control.hpp"
#include "so3/kernel/wait_queue.hpp"

namespace kernel {

void set_name(Thread& t, const char* name);

// Frees what an ended thread had. Runs on another thread's stack, interrupts masked.
void bury(Thread& t);

}  // namespace kernel
