#include "so3/kernel/include/so3/completion.h"

#include "so3/kernel/clock.hpp"
#include "so3/kernel/critical.hpp"
#include "so3/kernel/wait_queue.hpp"

using kernel::Masked;

namespace {

constexpr std::uint32_t for_all = UINT32_MAX;

bool take(completion_t& c) {
  if (c.done == 0) return false;
  if (c.done != for_all) --c.done;
  return true;
}

bool take_masked(completion_t& c) {
  Masked masked;
  return take(c);
}

}  // namespace

extern "C" {

void init_completion(completion_t* c) { *c = completion_t{}; }
void reinit_completion(completion_t* c) { c->done = 0; }

void wait_for_completion(completion_t* c) {
  if (take_masked(*c)) return;
  kernel::check_may_block("wait_for_completion");
  Masked masked;
  if (!take(*c)) kernel::wait_in(c->waiters);
}

bool wait_for_completion_timeout(completion_t* c, std::uint64_t timeout_ns) {
  if (take_masked(*c)) return true;
  if (timeout_ns == 0) return false;
  kernel::check_may_block("wait_for_completion_timeout");
  Masked masked;
  return take(*c) || kernel::wait_in(c->waiters, kernel::deadline_after(kernel::now_ns(), timeout_ns));
}

void complete(completion_t* c) {
  Masked masked;
  if (kernel::wake_one(c->waiters) == nullptr && c->done < for_all - 1) ++c->done;
}

void complete_all(completion_t* c) {
  Masked masked;
  c->done = for_all;
  kernel::wake_all(c->waiters);
}

bool completion_done(const completion_t* c) { return c->done != 0; }

}  // extern "C"
