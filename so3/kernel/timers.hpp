// The queue behind so3/timer.h, the soonest first.
#pragma once
#include "so3/kernel/include/so3/timer.h"

namespace kernel {

// At start: none is set.
void start_timers();

// Sets the hardware for the soonest timer. On the domain's own CPU, interrupts masked.
void program_timer();

// The same from a thread, when the board may be another one: its counter may run at another frequency, in which the value
// that the hardware waits for means another time.
void renew_timer();

// avz said that the virtual timer fired. From platform::dispatch().
void timer_interrupt();

}  // namespace kernel
