// An ME that notices when a journey altered it: its memory, its registers, its threads, its time. A line for each step:
//
//   step <n> trips <n> sum <checksum of its memory> at <agency UID>
//
// with n going up by one, whatever happens in between. A line that begins with "ALTERED" says what is not as it was.
#include <so3/delay.h>
#include <so3/thread.h>
#include <so3/time.h>
#include <vlogs/vlogs.h>
#include <me/me.hpp>
#include <so3/completion.hpp>
#include <so3/mutex.hpp>
#include <so3/semaphore.hpp>
#include <so3/timer.hpp>
#include <so3/vbstore.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

namespace {

using namespace std::chrono_literals;

constexpr unsigned step_ms = 50;

// Words that follow from the number of steps alone.
class Luggage {
 public:
  Luggage() {
    for (auto& word : words_) sum_ += word = next();
  }
  // Another word each step.
  void step() {
    auto& word = words_[next() % words_.size()];
    sum_ -= word;
    sum_ += word = next();
  }
  bool intact() const {
    std::uint64_t sum = 0;
    for (const auto word : words_) sum += word;
    return sum == sum_;
  }
  std::uint64_t sum() const { return sum_; }

 private:
  std::uint64_t next() {
    seed_ ^= seed_ << 13;
    seed_ ^= seed_ >> 7;
    return seed_ ^= seed_ << 17;
  }
  std::uint64_t seed_ = 0x9e37'79b9'7f4a'7c15;
  std::uint64_t sum_ = 0;
  std::array<std::uint64_t, 8192> words_;
};
Luggage luggage;
std::uint64_t trips = 0;

void altered(const char* what, std::uint64_t is, std::uint64_t was) {
  logs("ALTERED %s: %llu, was %llu", what, static_cast<unsigned long long>(is), static_cast<unsigned long long>(was));
}

// A token goes once round all threads in each step; each waits for it in another way, and counts in integer and
// floating-point registers and on its stack.
so3::Completion to_completion;
so3::Semaphore to_semaphore, to_mutex, home;
so3::Mutex mutex;
so3::Semaphore unlock;

template <typename Wait, typename Pass>
[[noreturn]] void carry(Wait wait, Pass pass) {
  std::uint64_t rounds = 0;
  double floating = 0;
  for (;;) {
    wait();
    floating += 1;
    if (static_cast<std::uint64_t>(floating) != ++rounds)
      altered("floating-point register", static_cast<std::uint64_t>(floating), rounds);
    pass();
  }
}

int with_completion(void*) {
  carry([] { to_completion.wait(); }, [] { to_semaphore.up(); });
}
int with_semaphore(void*) {
  carry([] { to_semaphore.down(); }, [] { unlock.up(); });
}
// Holds the mutex except for a moment in each step...
int holder(void*) {
  mutex.lock();
  carry([] { unlock.down(); },
        [] {
          mutex.unlock();
          to_mutex.down();
          mutex.lock();
        });
}
// ...in which this one gets it.
int with_mutex(void*) {
  carry([] { mutex.lock(); },
        [] {
          mutex.unlock();
          to_mutex.up();
          home.up();
          msleep(1);  // until the other one holds it again
        });
}
int sleeper(void*) {
  carry([] { msleep(3 * step_ms); }, [] {});
}
int store_user(void*) {
  carry([] { msleep(step_ms); },
        [] {
          const auto name = vbstore::read("soo/me");
          if (!name && name.error() == vbstore::Error::unavailable) altered("vbstore", 0, 1);
        });
}

std::uint64_t ticks = 0;

}  // namespace

int cb_pre_propagate(soo_domcall_arg_t* args) {
  const bool spreads = std::string_view{get_me_name()} == "test.herald";
  args->u.pre_propagate_args.propagate_status = spreads ? PROPAGATE_STATUS_YES : PROPAGATE_STATUS_NO;
  return 0;
}

int cb_post_activate(soo_domcall_arg_t*) {
  ++trips;
  return 0;
}

int cb_kill_me(soo_domcall_arg_t*) { return me::set_state(me::State::killed) ? 0 : -1; }

void* app_thread_main(void*) {
  for (auto* const thread : {with_completion, with_semaphore, holder, with_mutex, sleeper, store_user})
    thread_detach(kernel_thread(thread, "carrier", nullptr, 0));
  so3::Timer timer{[] { ++ticks; }};
  std::uint64_t now = NOW();
  for (std::uint64_t step = 1;; ++step) {
    timer.start_after(std::chrono::milliseconds{step_ms / 2});
    msleep(step_ms);
    if (ticks != step) altered("timer", ticks, step);
    if (const auto before = std::exchange(now, NOW()); now < before) altered("monotonic clock", now, before);
    to_completion.complete();
    home.down();
    luggage.step();
    if (!luggage.intact()) altered("memory", luggage.sum(), step);
    const auto uid = me::agency_uid();
    logs("step %llu trips %llu sum %016llx at %016llx", static_cast<unsigned long long>(step),
         static_cast<unsigned long long>(trips), static_cast<unsigned long long>(luggage.sum()),
         static_cast<unsigned long long>(uid ? uid->value : 0));
  }
}
