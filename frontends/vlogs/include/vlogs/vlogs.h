/* Log lines of this ME. On the host they are in me_<slot>.log, each as "[ME:<slot>] text".
 *
 * The ME's device tree enables it: frontends { vlogs { compatible = "vlogs,frontend"; status = "ok"; }; };
 * without that node the lines go to the console.
 *
 * Callable anywhere. In a thread, when the reader is slow, the call waits until there is room. In an interrupt handler,
 * in a domcall and before the device is connected nothing waits: lines are kept aside (some 2 KB) and follow later, in
 * order; when even that is full, a line says how many were lost. While the ME is suspended lines are kept there too; a
 * thread whose line has no room waits until the ME goes on, here or elsewhere. A message is split at newlines, and where
 * it is longer than a line may be; nothing is cut off. */
#ifndef VLOGS_VLOGS_H
#define VLOGS_VLOGS_H
#include <stdarg.h>
#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif

/* How urgent, as syslog has it. */
typedef enum { VLOGS_ERROR = 3, VLOGS_WARNING = 4, VLOGS_INFO = 6, VLOGS_DEBUG = 7 } vlogs_level_t;

/* Writes a message, VLOGS_INFO. Formats are those of printk: no floating point, which costs an image 12 KB. An ME that
 * wants it formats with snprintf first and logs the text. */
__attribute__((format(printf, 1, 2))) void logs(const char* format, ...);

/* The same with a level. 0; -1: lost, and counted (no room where it must not wait, or no memory to format it). */
__attribute__((format(printf, 2, 3))) int vlogs_write(vlogs_level_t level, const char* format, ...);
int vlogs_vwrite(vlogs_level_t level, const char* format, va_list args);

/* Is the device connected? */
bool vlogs_ready(void);

#ifdef __cplusplus
}
#endif
#endif
