// The port to the engine: virtio-serial with several ports (virtio 1.1, 5.3), of which we use number 1. It lives as
// long as the agency.
#pragma once
#include <cstdint>
#include <memory>

#include "so3/agency/link/link.hpp"
#include "so3/agency/loop/doorbell.hpp"
#include "so3/agency/virtio/queue.hpp"
#include "so3/guest/events.hpp"

namespace agency::virtio {

class SerialPort final : public Port, public Doorbell {
 public:
  // nullptr: this machine has no such device, or it is none we can drive.
  static std::unique_ptr<SerialPort> find(Doorbells& bells, volatile std::byte* mmio, DmaAddress dma);

  // The link gets what arrives from now on. False: the interrupt cannot be had.
  [[nodiscard]] bool start(agency::Link& link);

  std::size_t write(Bytes bytes) override;
  void close() override;
  void answer() override;

 private:
  struct Control {
    std::uint32_t port;
    std::uint16_t event, value;
  };
  static_assert(sizeof(Control) == 8);

  SerialPort(Doorbells& bells, const Device& device, std::uint32_t interrupt, DmaAddress dma);
  bool set_up();
  void control(Bytes message);
  void open();
  void tell(std::uint16_t event, std::uint16_t value);

  Device device_;
  std::uint32_t interrupt_;
  agency::Link* link_ = nullptr;
  Queue control_in_, control_out_, in_, out_;
};

}  // namespace agency::virtio
