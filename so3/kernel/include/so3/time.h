/* Clocks. Any context. */
#ifndef SO3_TIME_H
#define SO3_TIME_H
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define NANOSECS(n) ((uint64_t)(n))
#define MICROSECS(n) ((uint64_t)(n) * 1000u)
#define MILLISECS(n) ((uint64_t)(n) * 1000000u)
#define SECONDS(n) ((uint64_t)(n) * 1000000000u)

/* Nanoseconds that never go back, also across a snapshot and a migration. */
uint64_t clock_monotonic_ns(void);

/* Nanoseconds since 1970-01-01 00:00 UTC as the host said; 0 when it did not. */
uint64_t clock_wall_ns(void);

#define NOW() clock_monotonic_ns()

#ifdef __cplusplus
}
#endif
#endif
