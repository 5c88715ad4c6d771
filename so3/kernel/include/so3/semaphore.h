/*
 * Counting semaphores. `up` may be called from any context, interrupt handlers and domcalls included; `down` from
 * threads only (in a domcall only if it need not wait). All zero is a semaphore of count 0.
 */
#ifndef SO3_SEMAPHORE_H
#define SO3_SEMAPHORE_H
#include <stdbool.h>
#include <stdint.h>

#include "so3/wait_queue.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct semaphore {
  uint32_t count;
  struct so3_wait_queue waiters;
} semaphore_t;

void semaphore_init(semaphore_t* sem, uint32_t count);
void semaphore_down(semaphore_t* sem);
bool semaphore_trydown(semaphore_t* sem); /* false: the count is 0. Any context */
/* False: `timeout_ns` passed. */
bool semaphore_down_timeout(semaphore_t* sem, uint64_t timeout_ns);
void semaphore_up(semaphore_t* sem);

#ifndef __linux__ /* the names SO3 authors know; on the host the C library has them */
typedef semaphore_t sem_t;
static inline void sem_init(sem_t* sem, uint32_t count) { semaphore_init(sem, count); }
static inline void sem_down(sem_t* sem) { semaphore_down(sem); }
static inline int sem_timeddown(sem_t* sem, uint64_t timeout_ns) {
  return semaphore_down_timeout(sem, timeout_ns) ? 0 : -1;
}
static inline void sem_up(sem_t* sem) { semaphore_up(sem); }
#endif

#ifdef __cplusplus
}
#endif
#endif
