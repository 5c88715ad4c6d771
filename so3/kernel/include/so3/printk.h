/*
 * Console output. Any context. Formats: %d %i %u %x %X %o %c %s %p %% with flags - 0 + space #, width, precision, * and
 * hh h l ll z t j; no floating point (use printf for that, in a thread). A line longer than 255 bytes is cut and
 * ends in "...".
 *
 * The console is for reports, not for logs (<vlogs/vlogs.h>): an ME may write 1,000 lines at once and 100 a second
 * after that; what is more is lost, and a line says how many.
 *
 * A message may begin with a level: printk(KERN_ERR "no %s", name). Without one it is KERN_INFO. Messages less urgent
 * than printk_level are not shown.
 */
#ifndef SO3_PRINTK_H
#define SO3_PRINTK_H
#include <stdarg.h>
#ifdef __cplusplus
extern "C" {
#endif

#define KERN_CRIT \
  "\001"          \
  "2"
#define KERN_ERR \
  "\001"         \
  "3"
#define KERN_WARNING \
  "\001"             \
  "4"
#define KERN_INFO \
  "\001"          \
  "6"
#define KERN_DEBUG \
  "\001"           \
  "7"

extern int printk_level; /* 6: all but KERN_DEBUG */

__attribute__((format(printf, 1, 2))) void printk(const char* format, ...);
/* The same, straight to the hypervisor's console whatever the level: for early boot and debugging. */
__attribute__((format(printf, 1, 2))) void lprintk(const char* format, ...);
void vprintk(const char* format, va_list args);

#ifdef __cplusplus
}
#endif
#endif
