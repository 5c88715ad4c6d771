#include "so3/avz/event_delivery.hpp"

#include "so3/avz/scheduler.hpp"
#include "so3/avz/slots.hpp"

namespace avz {

using Kind = Channel::Kind;

void deliver(Domain& receiver, std::uint32_t port) {
  arch::dmb_ish();
  if (set_pending(*receiver.shared, port)) notify(receiver.vcpu);
}

void close_all(Domain& dead) {
  for (std::uint32_t port = 0; port < dead.events.count(); port++) {
    const Channel channel = dead.events.get(port);
    dead.events.set(port, {});
    if (channel.kind() != Kind::connected) continue;
    const LockedSlot remote{channel.slot()};
    Domain* peer = remote.domain(channel.incarnation());
    if (peer == nullptr) continue;
    if (peer->events.get(channel.port()) == Channel{Kind::connected, dead.slot, port, dead.incarnation})
      peer->events.set(channel.port(), Kind::orphan);
    peer->events.wait_for_sender();
  }
}

}  // namespace avz
