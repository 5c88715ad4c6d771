#include "so3/arch/host/machine.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "so3/arch/clock.hpp"
#include "so3/arch/context.hpp"
#include "so3/kernel/critical.hpp"
#include "so3/kernel/panic.hpp"
#include "so3/kernel/platform.hpp"
#include "so3/kernel/scheduler.hpp"
#include "so3/kernel/timers.hpp"

namespace arch::host {
namespace {

void (*device_handler)() = nullptr;

void raise() {
  pending = true;
  if (!masked) take_interrupt();
}

void check_timer() {
  if (!timer_on || counter < timer_at) return;
  timer_on = false;
  kernel::shared().selector |= abi::selector_timer;
  raise();
}

}  // namespace

Machine& machine() {
  static Machine m;
  return m;
}

void reset() {
  machine() = {};
  counter = 0;
  timer_on = false;
  pending = false;
  masked = true;
  device_handler = nullptr;
  auto& page = kernel::shared();
  page = {};
  page.magic = abi::shared_page_magic;
  page.counter_hz = 1'000'000'000;
  page.ns_mult = 1;
  kernel::scheduler = {};
  kernel::so3_threads.first = kernel::so3_threads.count = 0;
  kernel::adopt_boot_thread(nullptr, 0);
  irq_enable();
}

void run_for(std::uint64_t ns) {
  const std::uint64_t end = counter + ns;
  while (timer_on && timer_at <= end) {  // each timer at its own time
    counter = timer_at > counter ? timer_at : counter;
    check_timer();
  }
  if (counter < end) counter = end;
}

void interrupt_with(void (*handler)()) {
  device_handler = handler;
  raise();
}

}  // namespace arch::host

namespace kernel::platform {

namespace host = arch::host;

void console_write(std::string_view text) { host::machine().console += text; }

// All threads sleep: on to the next timer.
void wait() {
  ++host::machine().waits;
  if (!host::timer_on && !host::pending) {
    std::fputs("every thread waits and nothing will wake one\n", stderr);
    std::abort();
  }
  if (!host::pending && host::counter < host::timer_at) host::counter = host::timer_at;
  host::check_timer();
}

void park() {
  ++host::machine().parks;
  shared().stop_requested = 0;
}

void trace_thread(const so3_thread& thread) { host::machine().threads_traced.emplace_back(thread.name); }

void dispatch() { handle_events(); }

void handle_events() {
  host::pending = false;
  const auto selected = std::exchange(shared().selector, 0);
  if ((selected & abi::selector_timer) != 0) timer_interrupt();
  if (auto* const handler = std::exchange(host::device_handler, nullptr)) handler();
}

void kick() {
  ++host::machine().kicks;
  shared().selector |= abi::selector_timer;
}

// For death tests: the report goes to stderr, the reason is the exit code.
void crash(abi::CrashReason reason, std::uint64_t, std::uint64_t) {
  std::fputs(host::machine().console.c_str(), stderr);
  std::fflush(stderr);
  _exit(static_cast<int>(reason));
}

}  // namespace kernel::platform
