#include <so3/semaphore.hpp>
#include <so3/thread.hpp>
#include <so3/timer.hpp>

#include <chrono>

#include "tests/bench/me/parts.hpp"
#include "tests/bench/measure.hpp"

namespace bench {
namespace {

constexpr std::uint32_t rounds = 1000;

void measure_yield() {
  const std::uint32_t mine = thread_prio(current());
  const std::uint64_t control = run(rounds, [] {});
  so3::Thread other{[] {
                      make_fp_live();
                      run(rounds + 1, [] { thread_yield(); });
                    },
                    {.name = "yields", .priority = mine}};
  if (!other) return;
  make_fp_live();
  thread_yield();  // lets it start
  const std::uint64_t total = run(rounds, [] { thread_yield(); });
  report("thread_switch", mean(total - 2 * control, std::uint64_t{2} * rounds));  // both loops ran `rounds` times
}

// The less urgent thread notes the time again and again; the more urgent one sees how long ago that was.
struct Preemption {
  so3::Semaphore wake;
  std::uint64_t last = 0;
  std::uint64_t sum = 0;
  std::uint32_t seen = 0;
};

void measure_preemption() {
  using namespace std::chrono_literals;
  constexpr std::uint32_t preemptions = 64;
  Preemption p;
  so3::Timer timer{[&p] { p.wake.up(); }};
  so3::Thread urgent{[&p] {
                       make_fp_live();
                       for (std::uint32_t i = 0; i <= preemptions; ++i) {
                         p.wake.down();
                         const std::uint64_t now = counter();
                         if (i > 0) p.sum += now - p.last;  // the first one warms up
                         ++p.seen;
                       }
                     },
                     {.name = "urgent", .priority = thread_prio(current()) + 1}};
  if (!urgent) return;
  make_fp_live();
  for (std::uint32_t i = 0; i <= preemptions; ++i) {
    timer.start_after(20us);
    volatile std::uint64_t& last = p.last;
    const volatile std::uint32_t& seen = p.seen;
    while (seen == i) last = counter();
  }
  report("thread_switch_preempt", mean(p.sum, preemptions));
}

}  // namespace

void measure_threads() {
  measure_yield();
  measure_preemption();
}

}  // namespace bench
