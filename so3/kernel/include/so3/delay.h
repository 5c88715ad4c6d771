/* Sleeping (threads only) and busy waiting (any context, domcalls included, but it costs the CPU). */
#ifndef SO3_DELAY_H
#define SO3_DELAY_H
#include <stdint.h>
#include <unistd.h> /* usleep: the same function as in the C library */
#ifdef __cplusplus
extern "C" {
#endif

void msleep(uint32_t milliseconds);
/* Until clock_monotonic_ns() reaches the time. */
void sleep_until_ns(uint64_t monotonic_ns);
void udelay(uint64_t microseconds);
#ifndef __linux__
int usleep(useconds_t microseconds);
#endif

#ifdef __cplusplus
}
#endif
#endif
