// Interrupt lines of devices as event channels of the agency. A line is level-triggered and stays masked from when
// it fires until the agency has served the device and unmasks it.
#include "so3/avz/arguments.hpp"
#include "so3/avz/event_delivery.hpp"
#include "so3/avz/interrupts.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/objects.hpp"
#include "so3/avz/slots.hpp"
#include "so3/plat/qemu_virt/agency_devices.hpp"

namespace avz {

using abi::Status;

namespace {

constexpr std::uint32_t lines = 1024;
// Port of the agency per line, 0: none. Guarded by the agency's slot.
constinit std::array<std::uint16_t, lines> port_of{};

}  // namespace

void device_interrupt(std::uint32_t id) {
  const LockedSlot agency{abi::agency_domain};
  if (id < lines && port_of[id] != 0 && agency.domain() != nullptr) deliver(*agency.domain(), port_of[id]);
}

namespace calls {

void irq_bind(Vcpu& caller, std::uint64_t (&x)[8]) {
  if (!plat::is_agency_interrupt(x[1])) return answer(x, Status::bad_argument);
  const auto id = static_cast<std::uint32_t>(x[1]);
  if (!interrupt_exists(id)) return answer(x, Status::not_found);
  Domain& self = *caller.domain;
  const LockedSlot own{self.slot};
  if (port_of[id] != 0) return answer(x, Status::busy);
  const auto port = self.events.find_free();
  if (!port) return answer(x, Status::no_memory);
  self.events.set(*port, {Channel::Kind::interrupt, 0, id});
  port_of[id] = static_cast<std::uint16_t>(*port);
  interrupt_enable(id);
  answer(x, Status::ok, *port);
}

void irq_unmask(Vcpu& caller, std::uint64_t (&x)[8]) {
  if (!plat::is_agency_interrupt(x[1])) return answer(x, Status::bad_argument);
  const LockedSlot own{caller.domain->slot};
  const auto id = static_cast<std::uint32_t>(x[1]);
  if (port_of[id] == 0) return answer(x, Status::not_found);
  interrupt_enable(id);
  answer(x, Status::ok);
}

}  // namespace calls
}  // namespace avz
