/*
 * Software timers. The function runs once in interrupt context when the clock reaches the given time: it may wake
 * threads (complete, semaphore_up) and set timers, it must not block or allocate. All zero is not a valid timer: call
 * init_timer() first. The caller owns the object and stops the timer before the object goes away. All functions may be
 * called from any context.
 */
#ifndef SO3_TIMER_H
#define SO3_TIMER_H
#include <stdbool.h>
#include <stdint.h>

#include "so3/time.h"
#ifdef __cplusplus
extern "C" {
#endif

struct timer {
  uint64_t expires; /* clock_monotonic_ns() */
  void (*function)(void*);
  void* data;
  struct timer *next, *prev;
  bool active;
};

void init_timer(struct timer* timer, void (*function)(void*), void* data);
/* (Re)starts it; a time that has passed fires at once. Example: set_timer(&t, NOW() + MILLISECS(10)); */
void set_timer(struct timer* timer, uint64_t expires);
/* False: it was not running (never set, or it has fired). */
bool stop_timer(struct timer* timer);

#ifdef __cplusplus
}
#endif
#endif
