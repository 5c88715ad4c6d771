// The agency on its machine: devices found, backends added, then the loop.
#include <new>

#include "frontends/vlogs/backend.hpp"
#include "so3/agency/agency.hpp"
#include "so3/agency/machine/this_machine.hpp"
#include "so3/agency/virtio/serial.hpp"
#include "so3/arch/address_space.hpp"
#include "so3/kernel/include/so3/init.h"
#include "so3/kernel/include/so3/thread.h"
#include "so3/kernel/shared.hpp"

namespace agency {
namespace {

constexpr std::size_t stack_bytes = 64 * 1024;
constexpr std::uint32_t priority = THREAD_PRIO_DEFAULT + 5;

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

int run(void*) {
  static Doorbells bells{wake};
  std::unique_ptr<virtio::SerialPort> serial;
  if (arch::map_device(virtio::mmio_base, virtio::mmio_devices * virtio::mmio_stride))
    serial = virtio::SerialPort::find(bells, reinterpret_cast<volatile std::byte*>(virtio::mmio_base), dma);
  NoPort none;
  Agency agency{environment(), bells, serial ? static_cast<Port&>(*serial) : none};
  vlogs::LogBackend logs{agency.grants(), bells, agency.logs(), agency.report()};
  agency.add(logs);
  agency.boot_arguments(kernel::shared().machine.bootargs);
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
