// The agency on its machine: devices found, backends added, then the loop.
#include <atomic>
#include <new>
#include <optional>

#include "frontends/vlogs/backend.hpp"
#include "so3/agency/agency.hpp"
#include "so3/agency/sha256.hpp"
#include "so3/agency/virtio/serial.hpp"
#include "so3/arch/address_space.hpp"
#include "so3/kernel/include/so3/heap.h"
#include "so3/kernel/include/so3/init.h"
#include "so3/kernel/include/so3/semaphore.hpp"
#include "so3/kernel/include/so3/thread.h"
#include "so3/kernel/include/so3/time.h"
#include "so3/kernel/platform.hpp"
#include "so3/kernel/shared.hpp"

namespace agency {
namespace {

constexpr std::size_t stack_bytes = 64 * 1024;
constexpr std::uint32_t priority = THREAD_PRIO_DEFAULT + 5;

constinit so3::Semaphore something_to_do{0};
constinit std::atomic<bool> awake = false;

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

// RAM of the agency is one piece of physical memory (abi/shared_page.hpp).
std::uint64_t dma(const void* p) {
  return reinterpret_cast<std::uintptr_t>(p) - abi::ram_ipa + kernel::shared().machine.ram_pa;
}

// While there is no port, nobody takes anything.
class NoPort final : public Port {
 public:
  std::size_t write(Bytes) override { return 0; }
  void close() override {}
};

std::span<const std::byte> map_window() {
  const auto size = kernel::shared().machine.window_size;
  if (size == 0 || !arch::map_normal(abi::host_window_ipa, size)) return {};
  return {reinterpret_cast<const std::byte*>(abi::host_window_ipa), size};
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

int run(void*) {
  static Doorbells bells{wake};
  std::unique_ptr<virtio::SerialPort> serial;
  if (arch::map_device(virtio::mmio_base, virtio::mmio_devices * virtio::mmio_stride))
    serial = virtio::SerialPort::find(bells, reinterpret_cast<volatile std::byte*>(virtio::mmio_base), dma);
  NoPort none;
  Agency agency{environment(), bells, serial ? static_cast<Port&>(*serial) : none};
  vlogs::LogBackend logs{agency.grants(), bells, agency.logs(), agency.report()};
  agency.add(logs);
  if (serial && !serial->start(agency.link()))
    agency.report().say("the interrupt of the port to the engine cannot be had");
  if (!serial) agency.report().say("no port to the engine (virtio-serial, port 1): log lines of MEs appear here");
  agency.report().say("ready");
  for (;;) sleep_until(agency.run());
}

int start() {
  tcb_t* const thread = kernel_thread_sized(run, "agency", nullptr, priority, stack_bytes);
  if (thread == nullptr) return -1;
  thread_detach(thread);
  return 0;
}
INITCALL(app, start);

}  // namespace
}  // namespace agency
