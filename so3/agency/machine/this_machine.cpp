#include "so3/agency/machine/this_machine.hpp"

#include <atomic>
#include <utility>

#include "so3/agency/sha256.hpp"
#include "so3/arch/address_space.hpp"
#include "so3/kernel/include/so3/delay.h"
#include "so3/kernel/include/so3/heap.h"
#include "so3/kernel/include/so3/semaphore.hpp"
#include "so3/kernel/include/so3/spinlock.hpp"
#include "so3/kernel/include/so3/thread.h"
#include "so3/kernel/include/so3/time.h"
#include "so3/kernel/platform.hpp"
#include "so3/kernel/shared.hpp"

namespace agency {
namespace {

constinit so3::Semaphore something_to_do{0};
constinit std::atomic<bool> awake = false;

// Behind the loop: its thread has the CPU whenever there is something to do.
constexpr std::uint32_t aside_priority = THREAD_PRIO_DEFAULT - 5;

constinit so3::Semaphore jobs_waiting{0};
constinit Job* first_job = nullptr;
constinit std::atomic<std::uint32_t> jobs = 0;  // handed over, and not done

// MEs that signal without end keep the loop busy. Its jobs, injections among them, get this part of the time anyway.
constexpr std::uint64_t loop_at_most = 8 * ms;
constexpr std::uint32_t aside_at_least_ms = 1;
constinit std::uint64_t aside_had_time = 0;

void share_with_aside() {
  if (jobs.load(std::memory_order_acquire) == 0 || NOW() - aside_had_time <= loop_at_most) return;
  msleep(aside_at_least_ms);
  aside_had_time = NOW();
}

Job* take_job() {
  const so3::IrqGuard guard;
  return std::exchange(first_job, first_job->next);
}

int do_jobs(void*) {
  for (;;) {
    jobs_waiting.down();
    take_job()->run();
    jobs.fetch_sub(1, std::memory_order_release);
  }
}

void aside(Job& job) {
  if (jobs.fetch_add(1, std::memory_order_relaxed) == 0) aside_had_time = NOW();
  {
    const so3::IrqGuard guard;
    Job** end = &first_job;
    while (*end != nullptr) end = &(*end)->next;
    job.next = nullptr;
    *end = &job;
  }
  jobs_waiting.up();
}

// Without the thread the loop does them itself.
Job::Runner start_aside() {
  tcb_t* const thread = kernel_thread_sized(do_jobs, "aside", nullptr, aside_priority, 32 * 1024);
  if (thread == nullptr) return [](Job& job) { job.run(); };
  thread_detach(thread);
  return aside;
}

// A file must not take the memory that the agency works with: a quarter of the heap stays free.
std::size_t file_room() {
  struct heap_info heap;
  heap_get_info(&heap);
  const std::size_t wanted_by_others = heap.used + heap.total / 4;
  return wanted_by_others < heap.total ? heap.total - wanted_by_others : 0;
}

std::span<const std::byte> map_window() {
  const auto size = kernel::shared().machine.window_size;
  if (size == 0 || !arch::map_normal(abi::host_window_ipa, size)) return {};
  return {reinterpret_cast<const std::byte*>(abi::host_window_ipa), size};
}

struct heap_info heap_now() {
  struct heap_info heap;
  heap_get_info(&heap);
  return heap;
}

}  // namespace

void wake() {
  if (!awake.exchange(true, std::memory_order_acq_rel)) something_to_do.up();
}

void sleep_until(std::optional<std::uint64_t> time) {
  share_with_aside();
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
  const auto heap = heap_now();
  return {.clock = clock_monotonic_ns,
          .console = kernel::platform::console_write,
          .grant_window = reinterpret_cast<std::byte*>(abi::agency_grant_window_ipa),
          .window = map_window(),
          .sha256 = sha256,
          .file_room = file_room,
          .aside = start_aside(),
          .cpus = static_cast<std::uint32_t>(machine.cpus),
          .gic_version = static_cast<std::uint32_t>(machine.gic_version),
          .store_bytes_max = heap.total / 2,
          .heap_used = [] { return heap_now().used; }};
}

}  // namespace agency
