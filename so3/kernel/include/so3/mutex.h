/*
 * Mutual exclusion between threads, with priority inheritance: while a more urgent thread waits, the owner runs with
 * its priority. Not recursive: a thread that locks what it holds is stopped with a report that names it. A mutex of
 * static storage needs no initialisation: all zero is unlocked.
 *
 * Threads only. In a domcall a free mutex may be taken; one that is held would block, which is a fault (so3/domcall.h).
 */
#ifndef SO3_MUTEX_H
#define SO3_MUTEX_H
#include <stdbool.h>
#include <stdint.h>

#include "so3/wait_queue.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct mutex {
  uintptr_t owner;                /* the thread; bit 0: others wait */
  struct so3_wait_queue waiters;
  struct mutex* next_contended;   /* of the same owner */
} mutex_t;

void mutex_init(mutex_t* mutex);
void mutex_lock(mutex_t* mutex);
bool mutex_trylock(mutex_t* mutex); /* false: somebody holds it */
void mutex_unlock(mutex_t* mutex);  /* by its owner only */
bool mutex_is_locked(const mutex_t* mutex);

#ifdef __cplusplus
}
#endif
#endif
