// What the agency's tests are written with.
#pragma once
#include "tests/target/avz_selftest/guest.hpp"

extern "C" const char image_start[], image_end[];

namespace selftest {

using abi::Call;
using abi::Status;

// Says so, and counts.
void check(const char* name, bool good);

inline std::uint64_t counter() {
  std::uint64_t v;
  asm volatile("isb\n mrs %0, cntvct_el0" : "=r"(v) : : "memory");
  return v;
}

inline void pass(std::uint64_t milliseconds) {
  for (const auto begin = counter(); counter() - begin < shared().counter_hz / 1000 * milliseconds;)
    asm volatile("yield");
}

// Until it is so, or ten seconds have gone by.
template <typename Condition>
bool eventually(Condition condition) {
  const auto begin = counter();
  while (!condition()) {
    if (counter() - begin > 10 * shared().counter_hz) return false;
    for (int i = 0; i < 50; i++) asm volatile("yield");
  }
  return true;
}

template <typename T>
bool is(const hypercall::Result<T>& result, Status error) {
  return !result && result.error() == error;
}

inline constexpr std::uint64_t me_ram = 1024 * 1024;

class Me {
 public:
  Me(std::uint32_t cpu, Role role, std::uint32_t argument = 0, abi::CreateFlags flags = abi::CreateFlags::none) {
    const auto created = hypercall::domain_create(me_ram, cpu, flags, 1, 0);
    if (!created) return;
    slot = *created;
    static Orders copy;
    copy = {role, argument};
    const auto image = reinterpret_cast<std::uint64_t>(image_start);
    const auto load = [&](const void* to, const void* from, std::uint64_t bytes) {
      return hypercall::domain_load(slot, reinterpret_cast<std::uint64_t>(to), reinterpret_cast<std::uint64_t>(from),
                                    bytes)
          .has_value();
    };
    if (!load(image_start, image_start, static_cast<std::uint64_t>(image_end - image_start)) ||
        !load(&orders, &copy, sizeof copy))
      return;
    if (look_at()) started = hypercall::domain_start(slot, {image, image, 0, 0, 0}).has_value();
  }
  // One that is there already, with nothing in it.
  explicit Me(std::uint32_t existing) : slot{existing} {}
  ~Me() {
    if (port != 0) static_cast<void>(hypercall::event_close(port));
    if (seen != nullptr)
      static_cast<void>(hypercall::grant_unmap(abi::agency_grant_window_ipa + slot * abi::page_size));
    if (slot != 0) static_cast<void>(hypercall::domain_destroy(slot));
  }
  Me(const Me&) = delete;
  Me& operator=(const Me&) = delete;

  // Maps what it shows of itself.
  bool look_at() {
    const auto window = abi::agency_grant_window_ipa + slot * abi::page_size;
    if (!hypercall::grant_map(slot, abi::vbstore::store_page_grant, window, abi::GrantFlags::none)) return false;
    seen = reinterpret_cast<Progress*>(window);
    return true;
  }
  bool ready() {
    return started && eventually([&] { return seen->ready != 0; });
  }
  bool connect() {
    const auto bound = hypercall::event_bind(slot, static_cast<std::uint32_t>(seen->port));
    if (bound) port = *bound;
    return bound.has_value();
  }
  bool dead(abi::CrashReason& why) const {
    const auto info = hypercall::domain_info(slot);
    why = info ? info->crash : abi::CrashReason::none;
    return info && info->state == abi::State::dead;
  }
  bool alive() const {
    abi::CrashReason why;
    return !dead(why);
  }

  std::uint32_t slot = 0, port = 0;
  Progress* seen = nullptr;
  bool started = false;
};

inline std::uint32_t cpus() { return static_cast<std::uint32_t>(shared().machine.cpus); }
inline std::uint32_t cpu_for(std::uint32_t n) { return 1 + n % (cpus() - 1); }

void run_costs();
void test_snapshots();

void test_trace();
bool begin_trace();
bool end_trace();

}  // namespace selftest
