/*
 * Domcalls (cb_pre_propagate, cb_pre_activate, cb_cooperate, cb_kill_me) run on the agency's CPU while this ME's own CPU
 * stands still. So nothing may wait for this ME's threads or timers there:
 *
 *   allowed      memory (malloc, free), printk, logs, clocks, udelay, a mutex or semaphore that is free, waking others
 *                (complete, semaphore_up), starting threads and timers (they run when the domcall is over)
 *   a fault      msleep, usleep, thread_join, thread_yield, a mutex that is held, waiting for what is not done yet,
 *                vbstore
 *
 * The fault is reported with the callback's and the function's name, and costs this ME its life.
 */
#ifndef SO3_DOMCALL_H
#define SO3_DOMCALL_H
#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif

/* Does this code run inside a domcall? Any context. */
bool in_domcall(void);

/* For library code that waits in its own way: stops the ME as above when called in a domcall, an interrupt handler or
 * with preemption off. `what` names the function. */
void assert_may_block(const char* what);

#ifdef __cplusplus
}
#endif
#endif
