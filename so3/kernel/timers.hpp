// The queue behind so3/timer.h, the soonest first.
#pragma once
#include "so3/kernel/include/so3/timer.h"

namespace kernel {

// At start: none is set.
void start_timers();

// Sets the hardware for the soonest timer. On the domain's own CPU, interrupts masked.
void program_timer();

// avz said that the virtual timer fired. From platform::dispatch().
void timer_interrupt();

}  // namespace kernel
