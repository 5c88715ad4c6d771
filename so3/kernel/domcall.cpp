#include "so3/kernel/domcall.hpp"

#include "so3/kernel/include/so3/domcall.h"
#include "so3/kernel/panic.hpp"
#include "so3/kernel/platform.hpp"
#include "so3/kernel/scheduler.hpp"

namespace kernel {

// TPIDR_EL1 points here during a domcall.
extern "C" Thread so3_domcall_thread;
constinit Thread so3_domcall_thread = [] {
  Thread t;
  t.kind = ThreadKind::domcall;
  t.state = ThreadState::running;
  t.priority = t.base_priority = THREAD_PRIO_MAX;
  constexpr char domcall_name[] = "domcall";
  for (std::size_t i = 0; i < sizeof domcall_name; ++i) t.name[i] = domcall_name[i];
  return t;
}();

namespace {

// A domcall may be set aside while the agency serves its request with another domcall in the same ME.
constexpr std::size_t depth_max = 16;
const char* set_aside[depth_max];
std::size_t depth = 0;

}  // namespace

void begin_domcall(const char* callback) {
  if (depth < depth_max) set_aside[depth] = so3_domcall_thread.activity;
  ++depth;
  so3_domcall_thread.activity = callback;
}

void end_domcall() {
  --depth;
  so3_domcall_thread.activity = depth < depth_max ? set_aside[depth] : nullptr;
  if (scheduler.need_resched || scheduler.timer_stale) platform::kick();
}

void blocked_in_domcall(const char* primitive) {
  const char* const callback = so3_domcall_thread.activity != nullptr ? so3_domcall_thread.activity : "a domcall";
  die(abi::CrashReason::blocked_in_domcall,
      "%s called %s, which waits. A domcall runs on the agency's CPU while this ME stands still, so nothing it could "
      "wait for can happen: hand the work to a thread",
      callback, primitive);
}

}  // namespace kernel

extern "C" bool in_domcall() { return kernel::in_domcall(); }
