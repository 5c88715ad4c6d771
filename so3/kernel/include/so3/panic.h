/*
 * The end of this domain, for broken invariants only: prints the message, where it happened and a backtrace, then tells
 * avz. Other domains notice nothing. Any context.
 */
#ifndef SO3_PANIC_H
#define SO3_PANIC_H
#include <stdarg.h>
#ifdef __cplusplus
extern "C" {
#endif

__attribute__((noreturn, format(printf, 1, 2))) void panic(const char* format, ...);
__attribute__((noreturn)) void vpanic(const char* format, va_list args);

#ifdef __cplusplus
}
#endif
#endif
