/*
 * "It is done": one side waits, the other completes. A completion counts: complete() before wait_for_completion() is
 * not lost, and each complete() lets one waiter go. complete() may be called from any context, interrupt handlers and
 * domcalls included; waiting is for threads (in a domcall only if it need not wait). All zero is "not done yet".
 */
#ifndef SO3_COMPLETION_H
#define SO3_COMPLETION_H
#include <stdbool.h>
#include <stdint.h>

#include "so3/wait_queue.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct completion {
  uint32_t done;
  struct so3_wait_queue waiters;
} completion_t;

void init_completion(completion_t* completion);
void reinit_completion(completion_t* completion); /* back to "not done yet"; nobody may wait */
void wait_for_completion(completion_t* completion);
/* False: `timeout_ns` passed. */
bool wait_for_completion_timeout(completion_t* completion, uint64_t timeout_ns);
void complete(completion_t* completion);
/* Lets all who wait now or ever go, until reinit_completion(). */
void complete_all(completion_t* completion);
bool completion_done(const completion_t* completion);

#ifdef __cplusplus
}
#endif
#endif
