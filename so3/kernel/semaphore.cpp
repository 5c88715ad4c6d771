#include "so3/kernel/include/so3/semaphore.h"

#include "so3/kernel/clock.hpp"
#include "so3/kernel/critical.hpp"
#include "so3/kernel/wait_queue.hpp"

using kernel::Masked;

// A count that goes up while somebody waits is handed to the first waiter and never seen as a number.
extern "C" {

void semaphore_init(semaphore_t* s, std::uint32_t count) { *s = semaphore_t{.count = count, .waiters = {}}; }

bool semaphore_trydown(semaphore_t* s) {
  Masked masked;
  if (s->count == 0) return false;
  --s->count;
  return true;
}

void semaphore_down(semaphore_t* s) {
  if (semaphore_trydown(s)) return;
  kernel::check_may_block("semaphore_down");
  Masked masked;
  if (s->count != 0) --s->count;
  else kernel::wait_in(s->waiters);
}

bool semaphore_down_timeout(semaphore_t* s, std::uint64_t timeout_ns) {
  if (semaphore_trydown(s)) return true;
  if (timeout_ns == 0) return false;
  kernel::check_may_block("semaphore_down_timeout");
  Masked masked;
  if (s->count != 0) {
    --s->count;
    return true;
  }
  return kernel::wait_in(s->waiters, kernel::deadline_after(kernel::now_ns(), timeout_ns));
}

void semaphore_up(semaphore_t* s) {
  Masked masked;
  if (kernel::wake_one(s->waiters) == nullptr && s->count != UINT32_MAX) ++s->count;
}

}  // extern "C"
