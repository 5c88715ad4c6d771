#include "so3/agency/machine/this_machine.hpp"

#include <atomic>

#include "so3/agency/sha256.hpp"
#include "so3/arch/address_space.hpp"
#include "so3/kernel/include/so3/heap.h"
#include "so3/kernel/include/so3/semaphore.hpp"
#include "so3/kernel/include/so3/thread.h"
#include "so3/kernel/include/so3/time.h"
#include "so3/kernel/platform.hpp"
#include "so3/kernel/shared.hpp"

namespace agency {
namespace {

constinit so3::Semaphore something_to_do{0};
constinit std::atomic<bool> awake = false;

std::span<const std::byte> map_window() {
  const auto size = kernel::shared().machine.window_size;
  if (size == 0 || !arch::map_normal(abi::host_window_ipa, size)) return {};
  return {reinterpret_cast<const std::byte*>(abi::host_window_ipa), size};
}

}  // namespace

void wake() {
  if (!awake.exchange(true, std::memory_order_acq_rel)) something_to_do.up();
}

void sleep_until(std::optional<std::uint64_t> time) {
  if (!time) {
    something_to_do.down();
  } else if (const auto now = NOW(); *time > now) {
    static_cast<void>(something_to_do.down_for(std::chrono::nanoseconds{*time - now}));
  } else {
    thread_yield();
  }
  awake.store(false, std::memory_order_release);
}

Environment environment() {
  const auto& machine = kernel::shared().machine;
  struct heap_info heap;
  heap_get_info(&heap);
  return {.clock = clock_monotonic_ns,
          .console = kernel::platform::console_write,
          .grant_window = reinterpret_cast<std::byte*>(abi::agency_grant_window_ipa),
          .window = map_window(),
          .sha256 = sha256,
          .cpus = static_cast<std::uint32_t>(machine.cpus),
          .gic_version = static_cast<std::uint32_t>(machine.gic_version),
          .store_bytes_max = heap.total / 2};
}

}  // namespace agency
