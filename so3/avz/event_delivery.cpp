#include "so3/avz/event_delivery.hpp"

#include "so3/avz/scheduler.hpp"
#include "so3/avz/slots.hpp"

namespace avz {

using Kind = Channel::Kind;
using abi::Status;

void deliver(Domain& receiver, std::uint32_t port) {
  if (set_pending(*receiver.shared, port)) notify(receiver.vcpu);
}

Status send(Domain& sender, std::uint32_t port) {
  const Channel channel = sender.events.get(port);
  const LockedSlot remote{channel.slot()};
  Domain* receiver = remote.domain();
  if (receiver == nullptr) return Status::not_found;
  // Between the look at the channel and the lock the other end may have gone, and the slot be somebody else's.
  const Channel back = receiver->events.get(channel.port());
  if (back != Channel{Kind::connected, sender.slot, port, sender.incarnation}) return Status::not_found;
  deliver(*receiver, channel.port());
  return Status::ok;
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
  }
}

}  // namespace avz
