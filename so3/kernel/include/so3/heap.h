/*
 * malloc, calloc, realloc, memalign and free of <stdlib.h> and <malloc.h> are this heap: two-level segregated fit, so
 * each takes a bounded time whatever the heap looks like. Threads and domcalls; never an interrupt handler. Freeing
 * twice, or what the heap did not give out, stops the ME with a report that names the address and the caller.
 */
#ifndef SO3_HEAP_H
#define SO3_HEAP_H
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif

struct heap_info {
  size_t total;   /* bytes the heap manages */
  size_t used;    /* handed out, with their headers */
  size_t largest; /* the largest block that malloc could give now */
};
void heap_get_info(struct heap_info* info);

#ifdef __cplusplus
}
#endif
#endif
