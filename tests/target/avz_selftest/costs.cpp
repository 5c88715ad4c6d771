// Costs in instructions. Only with -icount shift=0 and a counter of 1 GHz is a tick an instruction; then the boot
// argument `costs` asks for these instead of the tests.
#include "so3/abi/callbacks.hpp"
#include "tests/target/avz_selftest/me_handle.hpp"

namespace selftest {
namespace {

template <typename Work>
std::uint64_t ticks_of(Work work) {
  work();
  const auto begin = counter();
  work();
  return counter() - begin;
}

void report(const char* name, std::uint64_t ticks, std::uint64_t limit) {
  say(name);
  say(" ", ticks);
  check(name, ticks <= limit);
}

}  // namespace

void run_costs() {
  const auto nothing = ticks_of([] { asm volatile(""); });
  const auto cost = [&](auto work) { return ticks_of(work) - nothing; };

  report("null hypercall", cost([] { static_cast<void>(hypercall::invoke(abi::Call::version)); }), 50);

  Me sleeper{1, Role::sleeper}, busy{1, Role::domcalls};
  if (!sleeper.ready() || !sleeper.connect() || !busy.ready()) return check("MEs for the costs", false);
  report("slow hypercall", cost([] { hypercall::vcpu_yield(); }), 200);
  report("domcall", cost([&] { static_cast<void>(hypercall::domcall_run(busy.slot, abi::Domcall::null)); }), 250);
  report("event to a sleeper, until it is seen handled", cost([&] {
           static_cast<void>(hypercall::event_send(sleeper.port));
           eventually([&, n = sleeper.seen->events] { return sleeper.seen->events != n; });
         }),
         5000);
  static_cast<void>(hypercall::domain_pause(sleeper.slot));  // so that it stays pending
  static_cast<void>(hypercall::event_send(sleeper.port));
  report("event to a pending channel", cost([&] { static_cast<void>(hypercall::event_send(sleeper.port)); }), 50);
}

}  // namespace selftest
