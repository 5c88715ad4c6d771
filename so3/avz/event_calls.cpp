#include "so3/avz/arguments.hpp"
#include "so3/avz/cpu.hpp"
#include "so3/avz/event_delivery.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/slots.hpp"

namespace avz::calls {

using Kind = Channel::Kind;
using abi::Status;

namespace {

constexpr Status why_not_sendable(Kind kind) {
  switch (kind) {
    case Kind::unbound: return Status::bad_state;
    case Kind::fixed:
    case Kind::interrupt: return Status::denied;
    default: return Status::not_found;
  }
}

// There was no target. With the own slot locked the channel cannot change, nor the other end go.
[[gnu::cold, gnu::noinline]] Answer send_slowly(Domain& self, std::uint64_t port) {
  if (!self.events.has(port)) return {Status::bad_argument};
  const auto own_port = static_cast<std::uint32_t>(port);
  const LockedSlot own{self.slot};
  const Kind kind = self.events.get(own_port).kind();
  if (kind != Kind::connected) return {why_not_sendable(kind)};
  const Target target = self.events.target(own_port);  // bound since
  deliver(*target.domain(), target.port());
  return {Status::ok};
}

[[gnu::cold, gnu::noinline]] Answer sent_to_awake(Domain& self, Domain& receiver) {
  notify(receiver.vcpu);
  self.events.end_sending();
  return {Status::ok};
}

// A port of an ME that exists from the start goes back to waiting for the agency, the others have lost their peer.
Channel after_peer_closed(std::uint32_t port, Peer peer) {
  if (port < abi::port_first_free) return {Kind::unbound, peer.slot, 0, peer.incarnation};
  return Kind::orphan;
}

}  // namespace

// Most of all, to a channel that is pending already or a receiver that dozes: everything else is elsewhere.
Answer event_send(std::uint64_t, std::uint64_t port, std::uint64_t, std::uint64_t, std::uint64_t) {
  Domain& self = *this_cpu().current->domain;
  const Target target = self.events.begin_sending(port);
  if (!target) [[unlikely]] {
    self.events.end_sending();
    return send_slowly(self, port);
  }
  Domain& receiver = *target.domain();
  if (set_pending(*receiver.shared, target.port())) {
    if (receiver.vcpu.run != Run::dozing) [[unlikely]]
      return sent_to_awake(self, receiver);
    ring(receiver.vcpu);
  }
  self.events.end_sending();
  return {Status::ok};
}

void event_alloc(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& self = *caller.domain;
  const auto remote = decode_slot(x[1]);
  if (!remote || *remote == self.slot) return answer(x, Status::bad_argument);
  const LockedPair both{self.slot, *remote};
  const Domain* peer = find_domain(*remote);
  if (peer == nullptr) return answer(x, Status::not_found);
  const auto port = self.events.find_free();
  if (!port) return answer(x, Status::no_memory);
  self.events.set(*port, {Kind::unbound, peer->slot, 0, peer->incarnation});
  answer(x, Status::ok, *port);
}

void event_bind(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& self = *caller.domain;
  const auto args = EventBind::decode(x);
  if (!args || args->remote == self.slot) return answer(x, Status::bad_argument);
  const LockedPair both{self.slot, args->remote};
  Domain* peer = find_domain(args->remote);
  if (peer == nullptr || !peer->events.has(args->port)) return answer(x, Status::not_found);
  if (peer->events.get(args->port) != Channel{Kind::unbound, self.slot, 0, self.incarnation})
    return answer(x, Status::not_found);
  const auto port = self.events.find_free();
  if (!port) return answer(x, Status::no_memory);
  peer->events.connect(args->port, {Kind::connected, self.slot, *port, self.incarnation}, self);
  self.events.connect(*port, {Kind::connected, peer->slot, args->port, peer->incarnation}, *peer);
  answer(x, Status::ok, *port);
}

void event_close(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& self = *caller.domain;
  if (!self.events.has(x[1])) return answer(x, Status::bad_argument);
  const auto port = static_cast<std::uint32_t>(x[1]);
  if (port < abi::port_first_free) return answer(x, Status::denied);
  const Channel seen = self.events.get(port);
  switch (seen.kind()) {
    case Kind::free: return answer(x, Status::not_found);
    case Kind::fixed:
    case Kind::interrupt: return answer(x, Status::denied);
    case Kind::orphan: {
      const LockedSlot own{self.slot};
      self.events.set(port, {});
      return answer(x, Status::ok);
    }
    case Kind::unbound:
    case Kind::connected: break;
  }
  const LockedPair both{self.slot, seen.slot()};
  // Unbound may be connected by now, and connected an orphan; the slot at the other end is the same.
  const Channel now = self.events.get(port);
  Domain* peer = find_domain(seen.slot());
  if (now.kind() == Kind::connected && peer != nullptr && peer->incarnation == now.incarnation()) {
    peer->events.set(now.port(), after_peer_closed(now.port(), self.as_peer()));
    peer->events.wait_for_sender();
  }
  self.events.set(port, {});
  answer(x, Status::ok);
}

}  // namespace avz::calls
