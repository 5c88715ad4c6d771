#include "so3/agency/virtio/serial.hpp"

#include <cstring>

namespace agency::virtio {
namespace {

constexpr std::uint32_t device_id_console = 3;
constexpr std::uint32_t feature_multiport = 1u << 1;

// Queues: 0, 1 are port 0; 2, 3 control; then two per port.
constexpr std::uint32_t port = 1, queue_control_in = 2, queue_control_out = 3, queue_in = 4, queue_out = 5;

enum Event : std::uint16_t { device_ready = 0, port_add = 1, port_remove = 2, port_ready = 3, port_open = 6 };

}  // namespace

std::unique_ptr<SerialPort> SerialPort::find(Doorbells& bells, volatile std::byte* mmio, DmaAddress dma) {
  for (std::uint32_t i = mmio_devices; i-- > 0;) {  // QEMU fills them from the last
    const Device device{mmio + i * mmio_stride};
    if (device.read(Register::magic_value) != magic || device.read(Register::version) != modern ||
        device.read(Register::device_id) != device_id_console)
      continue;
    std::unique_ptr<SerialPort> found{new SerialPort{bells, device, first_interrupt + i, dma}};
    if (found->set_up()) return found;
    device.write(Register::status, failed);
  }
  return nullptr;
}

SerialPort::SerialPort(Doorbells& bells, const Device& device, std::uint32_t interrupt, DmaAddress dma)
    : Doorbell{bells},
      device_{device},
      interrupt_{interrupt},
      control_in_{device, queue_control_in, dma},
      control_out_{device, queue_control_out, dma},
      in_{device, queue_in, dma},
      out_{device, queue_out, dma} {}

bool SerialPort::set_up() {
  device_.write(Register::status, 0);
  device_.write(Register::status, acknowledge);
  device_.write(Register::status, acknowledge | driver);
  const std::uint32_t wanted[] = {feature_multiport, feature_version_1_high};
  for (std::uint32_t word = 0; word < 2; ++word) {
    device_.write(Register::device_features_select, word);
    if ((device_.read(Register::device_features) & wanted[word]) == 0) return false;
    device_.write(Register::driver_features_select, word);
    device_.write(Register::driver_features, wanted[word]);
  }
  device_.write(Register::status, acknowledge | driver | features_ok);
  if ((device_.read(Register::status) & features_ok) == 0) return false;
  return control_in_.set_up() && control_out_.set_up() && in_.set_up() && out_.set_up();
}

bool SerialPort::start(agency::Link& link) {
  link_ = &link;
  const auto event = hypercall::irq_bind(interrupt_);
  if (!event || !guest::events().set(*event, &Doorbell::ring, static_cast<Doorbell*>(this))) return false;
  device_.write(Register::status, acknowledge | driver | features_ok | driver_ok);
  control_in_.offer_all();
  in_.offer_all();
  tell(device_ready, 1);
  return hypercall::irq_unmask(interrupt_).has_value();
}

void SerialPort::answer() {
  device_.write(Register::interrupt_acknowledge, device_.read(Register::interrupt_status));
  control_out_.reclaim();
  out_.reclaim();
  bool offered = false;
  while (const auto received = control_in_.receive()) {
    control(received->bytes);
    control_in_.offer(received->buffer);
    offered = true;
  }
  if (offered) control_in_.notify();
  offered = false;
  while (const auto received = in_.receive()) {
    link_->receive(received->bytes);
    in_.offer(received->buffer);
    offered = true;
  }
  if (offered) in_.notify();
  link_->flush();
  // What arrived since the acknowledgement holds the line: it fires again at once.
  static_cast<void>(hypercall::irq_unmask(interrupt_));
}

void SerialPort::control(Bytes message) {
  Control c;
  if (message.size() < sizeof c) return;
  std::memcpy(&c, message.data(), sizeof c);
  if (c.port != port) return;
  switch (c.event) {
    case port_add: tell(port_ready, 1); return open();
    case port_remove: return link_->closed();
    case port_open:
      if (c.value == 0) return link_->closed();
      open();  // after close() of ours
      return link_->open();
    default: return;
  }
}

void SerialPort::tell(std::uint16_t event, std::uint16_t value) {
  const Control c{port, event, value};
  // The device takes control messages at once: there is always a buffer.
  control_out_.reclaim();
  control_out_.send({reinterpret_cast<const std::uint8_t*>(&c), sizeof c});
  control_out_.notify();
}

std::size_t SerialPort::write(Bytes bytes) {
  out_.reclaim();
  const auto sent = out_.send(bytes);
  if (sent != 0) out_.notify();
  return sent;
}

// QEMU looks whether it may deliver when it is told of buffers, not when the port opens: tell it again.
void SerialPort::open() {
  tell(port_open, 1);
  in_.notify();
}

void SerialPort::close() { tell(port_open, 0); }

}  // namespace agency::virtio
