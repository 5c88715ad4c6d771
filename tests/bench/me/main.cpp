// The benchmark's ME: measures what an ME can measure alone, and is the other party for what the agency measures.
#include <me/me.hpp>
#include <so3/semaphore.hpp>
#include <so3/vbstore.hpp>

#include <atomic>
#include <cstdio>

#include "so3/abi/layout.hpp"
#include "so3/guest/events.hpp"
#include "so3/guest/granted_page.hpp"
#include "tests/bench/bench_page.hpp"
#include "tests/bench/me/parts.hpp"
#include "tests/bench/measure.hpp"

namespace bench {
namespace {

so3::Semaphore told;
guest::GrantedPage shared;
guest::EventChannel channel;

Page& page() { return shared.as<Page>(); }

void on_signal(void*) {
  const std::uint64_t now = counter();
  page().handler_counter = now;
  told.up();
}

Command command() { return static_cast<Command>(std::atomic_ref{page().command}.load(std::memory_order_acquire)); }

// False, with a line on the console: the agency will not find this ME.
bool publish() {
  auto granted = guest::GrantedPage::allocate(abi::agency_domain, abi::GrantFlags::none);
  auto offered = guest::EventChannel::offer(abi::agency_domain, on_signal, nullptr);
  if (!granted || !offered) {
    printk(KERN_ERR "bench: no page or no event channel for the agency\n");
    return false;
  }
  shared = std::move(*granted);
  channel = std::move(*offered);
  char base[32];
  std::snprintf(base, sizeof base, "device/%u/bench", static_cast<unsigned>(me::slot()));
  char value[24];
  std::snprintf(value, sizeof value, "%u %u", static_cast<unsigned>(shared.reference()),
                static_cast<unsigned>(channel.port()));
  if (const auto written = vbstore::write(base, value); !written) {
    printk(KERN_ERR "bench: %s: %s\n", base, vbstore::name(written.error()).data());
    return false;
  }
  return true;
}

void measure_alone() {
  measure_hypercalls();
  measure_threads();
  measure_locks();
  measure_heap();
  measure_store();
}

void spin() {
  std::atomic_ref spinning{page().spinning};
  spinning.store(1, std::memory_order_release);
  while (command() == Command::spin) asm volatile("yield");
  spinning.store(0, std::memory_order_release);
}

void carry_out(Command what) {
  switch (what) {
    case Command::measure: return measure_alone();
    case Command::log: return measure_log();
    case Command::spin: return spin();
    case Command::write_pages: return measure_writes_to_pages();
    default: return;
  }
}

}  // namespace

unsigned agency_port() { return channel.port(); }

}  // namespace bench

extern "C" int cb_pre_propagate(soo_domcall_arg_t*) {
  bench::measure_events_in_domcall();
  return 0;
}

extern "C" void* app_thread_main(void*) {
  bench::touch_pages();
  if (!bench::publish()) return nullptr;
  for (;;) {
    bench::told.down();
    const bench::Command what = bench::command();
    bench::carry_out(what);
    bench::page().done = static_cast<std::uint32_t>(what);
    bench::channel.signal();
  }
}
