/* vbstore in C; <so3/vbstore.hpp> says what the store is, and what may be written where.
 *
 * A key is named by a directory and a node: ("device/2/vlogs/0", "state"). `node` may be "" or NULL.
 * All calls block: threads only, once the ME is being activated. What fails sets errno: EACCES (not below what this ME
 * may write), EINVAL (no valid path), ENOENT (no such key), ENOMEM, E2BIG (path, value or transaction), ENOTCONN (store
 * not connected). */
#ifndef SO3_VBSTORE_H
#define SO3_VBSTORE_H
#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif

/* Writes of one transaction happen all at its end, or not at all; reads see the store as it is. */
typedef struct {
  void* batch;
} vbus_transaction_t;
/* No transaction: the call takes effect at once. */
#ifdef __cplusplus
#define VBT_NIL (vbus_transaction_t{nullptr})
#else
#define VBT_NIL ((vbus_transaction_t){0})
#endif

/* 0, or -1 with errno. After vbus_transaction_end() the transaction is gone, whatever the result. A write that does not
 * fit is reported by vbus_transaction_end(). */
int vbus_transaction_start(vbus_transaction_t* transaction);
int vbus_transaction_end(vbus_transaction_t transaction);

/* The value and a NUL, to be free()d; its length without the NUL in *length unless that is NULL. NULL with errno. */
char* vbus_read(vbus_transaction_t transaction, const char* dir, const char* node, unsigned* length);

/* The names of the children, to be free()d in one piece; how many in *count. NULL with errno. */
char** vbus_directory(vbus_transaction_t transaction, const char* dir, const char* node, unsigned* count);

/* 1, 0, or -1 with errno. */
int vbus_directory_exists(vbus_transaction_t transaction, const char* dir, const char* node);

/* 0, or -1 with errno. */
int vbus_write(vbus_transaction_t transaction, const char* dir, const char* node, const char* string);
int vbus_mkdir(vbus_transaction_t transaction, const char* dir, const char* node);
int vbus_rm(vbus_transaction_t transaction, const char* dir, const char* node);

/* As scanf and printf with the value. vbus_scanf: how many items, or -1 with errno. */
__attribute__((format(scanf, 4, 5))) int vbus_scanf(vbus_transaction_t transaction, const char* dir, const char* node,
                                                    const char* format, ...);
__attribute__((format(printf, 4, 5))) int vbus_printf(vbus_transaction_t transaction, const char* dir, const char* node,
                                                      const char* format, ...);

/* Reads several nodes of one directory: (name, format, pointer)..., NULL. 0, or -1 with errno at the first that is not
 * there or has another format (EINVAL). */
int vbus_gather(vbus_transaction_t transaction, const char* dir, ...);

/* A watch: the caller keeps it, all zero at first. The function runs in the store's watch thread, once at the start
 * and after every change at or below the path; it may block and call the store. */
typedef struct vbus_watcher {
  void (*callback)(struct vbus_watcher* watch, const char* changed);
  void* context; /* the caller's own */
  void* state;
} vbus_watch_t;

/* 0, or -1 with errno. */
int vbus_watch(vbus_watch_t* watch, const char* path);
__attribute__((format(printf, 2, 3))) int vbus_watch_path(vbus_watch_t* watch, const char* format, ...);
/* On return no call is under way, unless it is called from the function itself. */
void vbus_unwatch(vbus_watch_t* watch);

#ifdef __cplusplus
}
#endif
#endif
