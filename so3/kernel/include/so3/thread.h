/*
 * Kernel threads: preemptive, with fixed priorities 1 (least urgent) to 31 (most urgent). Among threads of one
 * priority that are ready, each runs for at most THREAD_SLICE_MS before the next has its turn.
 *
 * A domain has one virtual CPU, so at any time one thread runs. Unless a function says otherwise it may be called
 * from a thread only: not from an interrupt handler, a timer function or a domcall (so3/domcall.h).
 */
#ifndef SO3_THREAD_H
#define SO3_THREAD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define THREAD_PRIO_MIN 1u
#define THREAD_PRIO_DEFAULT 10u
#define THREAD_PRIO_MAX 31u
#define THREAD_SLICE_MS 10u
#define THREAD_STACK_DEFAULT 16384u
#define THREAD_NAME_MAX 15u

typedef struct so3_thread tcb_t;

/*
 * Starts fn(arg) in a new thread. `prio` 0 means THREAD_PRIO_DEFAULT, larger than 31 means 31. `name` is copied, up to
 * THREAD_NAME_MAX bytes. The stack has THREAD_STACK_DEFAULT bytes and a guard page below it. NULL when there is no
 * memory. The result is valid until thread_join() or thread_detach(). Also allowed in a domcall.
 */
tcb_t* kernel_thread(int (*fn)(void*), const char* name, void* arg, uint32_t prio);

/* The same with a stack of `stack_bytes`, rounded up to whole pages of 4 KB. */
tcb_t* kernel_thread_sized(int (*fn)(void*), const char* name, void* arg, uint32_t prio, size_t stack_bytes);

/* Waits for the end of the thread, frees it and returns what its function returned. One caller per thread. */
int thread_join(tcb_t* thread);

/* Nobody will join: the thread frees itself when it ends. */
void thread_detach(tcb_t* thread);

/* Ends the calling thread; its stack is freed. */
__attribute__((noreturn)) void thread_exit(int result);

/* The running thread. Never NULL; in a domcall it is the domcall's own. Any context. */
tcb_t* current(void);

/* "?" for NULL. Any context. */
const char* thread_name(const tcb_t* thread);

/* The priority given by the author, and the one in force, which a mutex may have raised. Any context. */
uint32_t thread_prio(const tcb_t* thread);
uint32_t thread_effective_prio(const tcb_t* thread);
void thread_set_prio(tcb_t* thread, uint32_t prio);

/* Lets another ready thread of the same or a higher priority run. */
void thread_yield(void);

/*
 * No other thread runs until the matching enable; nests. Interrupt handlers still run. Keep it short: a domcall of this
 * ME waits too, and an ME that keeps it waiting too long is destroyed (not_stopping).
 */
void preempt_disable(void);
void preempt_enable(void);

#ifdef __cplusplus
}
#endif
#endif
