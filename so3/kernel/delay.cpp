#include "so3/kernel/include/so3/delay.h"

#include "so3/arch/barrier.hpp"
#include "so3/kernel/clock.hpp"
#include "so3/kernel/critical.hpp"
#include "so3/kernel/include/so3/time.h"
#include "so3/kernel/wait_queue.hpp"

namespace {

void sleep_until(std::uint64_t deadline, const char* what) {
  kernel::check_may_block(what);
  so3_wait_queue nobody_wakes = {};
  kernel::Masked masked;
  if (deadline > kernel::now_ns()) kernel::wait_in(nobody_wakes, deadline, kernel::ThreadState::sleeping);
}

}  // namespace

extern "C" {

void sleep_until_ns(std::uint64_t monotonic_ns) { sleep_until(monotonic_ns, "sleep_until_ns"); }

void msleep(std::uint32_t milliseconds) { sleep_until(kernel::now_ns() + MILLISECS(milliseconds), "msleep"); }

#ifndef __linux__
int usleep(useconds_t microseconds) {
  sleep_until(kernel::now_ns() + MICROSECS(microseconds), "usleep");
  return 0;
}
#endif

void udelay(std::uint64_t microseconds) {
  const std::uint64_t end = kernel::now_ns() + MICROSECS(microseconds);
  while (kernel::now_ns() < end) arch::yield();
}

}  // extern "C"
