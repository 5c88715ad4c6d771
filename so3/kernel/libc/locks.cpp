// picolibc's locks: one recursive lock for the whole library, which is held for short and bounded times.
#include <sys/lock.h>

#include "so3/kernel/critical.hpp"

// The library only takes addresses of locks; what they are is up to this file.
struct __lock {
  int unused;
};

struct __lock __lock___libc_recursive_mutex;

extern "C" {

void __retarget_lock_init(_LOCK_T*) {}
void __retarget_lock_init_recursive(_LOCK_T*) {}
void __retarget_lock_close(_LOCK_T) {}
void __retarget_lock_close_recursive(_LOCK_T) {}
void __retarget_lock_acquire(_LOCK_T) { kernel::enter_critical(); }
void __retarget_lock_acquire_recursive(_LOCK_T) { kernel::enter_critical(); }
int __retarget_lock_try_acquire(_LOCK_T) {
  kernel::enter_critical();
  return 1;
}
int __retarget_lock_try_acquire_recursive(_LOCK_T) {
  kernel::enter_critical();
  return 1;
}
void __retarget_lock_release(_LOCK_T) { kernel::leave_critical(); }
void __retarget_lock_release_recursive(_LOCK_T) { kernel::leave_critical(); }

}  // extern "C"
