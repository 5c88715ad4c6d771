// Peers, and what they say.
#include "so3/agency/transfer/transfers.hpp"

#include <algorithm>
#include <cstring>

#include "so3/abi/version.hpp"
#include "so3/agency/text.hpp"

namespace agency::transfer {

using abi::Status;
using abi::transfer::Receiver;

namespace {

// What one peer may put on the console, and have tried here: an ME that comes and goes again is a line as well.
constexpr std::uint64_t complaints_per_second = 3, offers_per_second = 64;

}  // namespace

Transfers::Transfers(const World& world, Residents& residents, Life& life, Link& link, const Place& place,
                     std::uint32_t cpus)
    : world_{world},
      residents_{&residents},
      life_{&life},
      link_{&link},
      place_{&place},
      cpus_{cpus},
      peers_{*this, *this} {}

void Transfers::carry(std::uint32_t peer, std::string_view message) {
  link_->send(abi::link::Type::peer, 0, raw(abi::link::Peer{peer, 0}), message);
}

std::expected<void, Refusal> Transfers::peer_up(const abi::link::PeerUp& peer) { return peers_.up(peer, place_->uid); }

std::expected<Peer*, Refusal> Transfers::neighbour(std::uint32_t number) const {
  for (auto* const peer : peers_.neighbours())
    if (peer->number() == number) return peer;
  return refuse(Status::not_found,
                text("no neighbour has the number %u: `me links` lists those that there are", number));
}

void Transfers::peer_up(Peer& peer) {
  const auto now = world_.loop.now();
  for (const auto& shipment : shipments_) {
    for (const auto& route : shipment->routes)
      if (route->peer == &peer) route->machine.peer_up(now);
    changed(*shipment);
  }
  const auto all = coming_;  // telling one may end it
  for (const auto& [id, coming] : all)
    if (coming.from == &peer) coming.arrival->incoming().peer_up(now);
  neighbours_changed_();
}

void Transfers::peer_down(Peer& peer) {
  const auto now = world_.loop.now();
  for (const auto& shipment : shipments_) {
    for (const auto& route : shipment->routes)
      if (route->peer == &peer) route->machine.peer_down(now);
    changed(*shipment);
  }
  const auto all = coming_;  // following one may end it
  for (const auto& [id, coming] : all) {
    if (coming.from != &peer) continue;
    coming.arrival->incoming().peer_down();
    follow(id);
  }
  neighbours_changed_();
}

void Transfers::peer_lost(Peer& peer) {
  for (const auto& shipment : shipments_) {
    for (const auto& route : shipment->routes)
      if (route->peer == &peer) route->machine.peer_lost();
    changed(*shipment);
  }
  const auto all = coming_;
  for (const auto& [id, coming] : all) {
    if (coming.from != &peer) continue;
    coming.arrival->incoming().peer_lost();
    follow(id);
  }
  neighbours_changed_();
}

void Transfers::frame(std::string_view payload) {
  abi::link::Peer head;
  if (payload.size() < sizeof head) return;
  std::memcpy(&head, payload.data(), sizeof head);
  auto* const from = peers_.find(head.peer);
  if (from == nullptr) return;  // one that went meanwhile
  if (!from->may_speak(world_.loop.now())) {
    if (from->dropped == 1)
      world_.report.say(text("%s sends more than %u messages in a second: the rest of them is dropped",
                             from->name().c_str(), Peer::messages_per_second));
    return;
  }
  const auto parsed = Message::parse(payload.substr(sizeof head));
  if (!parsed) return garbage(*from, parsed.error());
  message(*from, *parsed);
}

void Transfers::complain(Peer& about, const std::string& what) {
  if (++about.complaints <= complaints_per_second) world_.report.say(text("%s %s", about.name().c_str(), what.c_str()));
}

void Transfers::garbage(Peer& from, const Message::Garbage& garbage) {
  complain(from, "sent " + garbage.why);
  if (!garbage.id) return;
  if (const auto [shipment, r] = route(from, *garbage.id); r != nullptr) {
    r->machine.garbage(garbage.why, world_.loop.now());
    changed(*shipment);
  }
  const auto found = coming_.find(*garbage.id);
  if (found == coming_.end() || found->second.from != &from) return;
  const auto arrival = found->second.arrival;
  arrival->incoming().garbage(garbage.why);
  follow(*garbage.id);
}

std::pair<std::shared_ptr<Shipment>, Route*> Transfers::route(const Peer& peer, const Id& id) const {
  for (const auto& shipment : shipments_)
    for (const auto& route : shipment->routes)
      if (route->peer == &peer && route->machine.id() == id && !route->machine.done()) return {shipment, route.get()};
  return {nullptr, nullptr};
}

void Transfers::message(Peer& from, const Message& message) {
  const auto now = world_.loop.now();
  std::optional<std::string> complaint;
  if (const auto [shipment, r] = route(from, message.id()); r != nullptr) {
    complaint = r->machine.receive(message, now);
    changed(*shipment);
  } else if (const auto found = coming_.find(message.id()); found != coming_.end() && found->second.from == &from) {
    const auto arrival = found->second.arrival;
    complaint = arrival->incoming().receive(message, now);
    follow(message.id());
  } else {
    stranger(from, message);
  }
  if (complaint) complain(from, *complaint);
}

// About a transfer that is over, or not known.
void Transfers::stranger(Peer& from, const Message& message) {
  if (repeat(from, message)) return;
  const auto& id = message.id();
  if (const auto* offer = message.as<Offer>()) return offered(from, id, *offer);
  if (message.as<Arrived>() != nullptr) return from.send(encode(id, Settled{}));
  if (message.as<Cancel>() != nullptr) {
    from.outcomes.remember(id, {Receiver::cancelled, 0, {Status::bad_state, "it was cancelled before it came"}});
    from.send(encode(id, Cancelled{}));
  }
}

// The same offer, or the same cancel, gets the same answer.
bool Transfers::repeat(Peer& from, const Message& message) {
  const bool asks = message.as<Offer>() != nullptr || message.as<Cancel>() != nullptr;
  const auto* outcome = asks ? from.outcomes.find(message.id()) : nullptr;
  if (outcome == nullptr) return false;
  if (outcome->state == Receiver::arrived) from.send(encode(message.id(), Arrived{outcome->slot}));
  else if (outcome->state == Receiver::cancelled || message.as<Cancel>() != nullptr)
    from.send(encode(message.id(), Cancelled{}));
  else from.send(encode(message.id(), Refuse{outcome->refusal.status, outcome->refusal.text}));
  return true;
}

std::expected<void, Refusal> Transfers::acceptable(const Peer& from, const Id& id, const Offer& offer) const {
  if (from.is_engine() != (offer.kind == Kind::restore))
    return refuse(Status::denied,
                  text("a %.*s is nothing that comes from %s", AGENCY_SV(name(offer.kind)), from.name().c_str()));
  if (offer.kind == Kind::save) return refuse(Status::denied, "only the engine keeps snapshots in files");
  if (!abi::runs_on(offer.abi_version, abi::version))
    return refuse(
        Status::not_supported,
        text("it needs ABI %u.%u, and this smart object has %u.%u: use those of one release", offer.abi_version >> 16,
             offer.abi_version & 0xffff, unsigned{abi::version_major}, unsigned{abi::version_minor}));
  if (departures_.left(id))
    return refuse(Status::bad_state, text("%s has been here and moved on: this is a replay", describe(id).c_str()));
  for (const auto& [slot, me] : residents_->all())
    if (me->instance_id == id.instance)
      return refuse(Status::bad_state, text("this instance is here already, in slot %u, epoch %llu", slot,
                                            static_cast<unsigned long long>(me->epoch)));
  std::size_t all = 0, of_peer = 0;
  for (const auto& [other, coming] : coming_) {
    if (other.instance == id.instance)
      return refuse(Status::busy, text("this instance is on its way here from %s", coming.from->name().c_str()));
    // One that arrived lives here; it is only not settled.
    if (coming.arrival->incoming().state() == Receiver::arrived) continue;
    ++all;
    of_peer += coming.from == &from;
  }
  if (all >= incoming_max)
    return refuse(Status::busy, text("%zu MEs are on their way here, which are the most at once: wait", all));
  if (of_peer >= incoming_per_peer)
    return refuse(Status::busy,
                  text("%zu MEs are on their way here from the same place, which are the most: wait", of_peer));
  if (from.accepted >= offers_per_second)
    return refuse(Status::busy, text("%llu MEs came from the same place within a second: wait",
                                     static_cast<unsigned long long>(from.accepted)));
  const auto machine = hypercall::machine_info();
  if (machine && machine->free_pages < offer.ram_size / abi::page_size)
    return refuse(Status::no_memory,
                  text("it needs %llu KB of memory, and %llu KB are free: stop an ME, or give the smart object more",
                       static_cast<unsigned long long>(offer.ram_size / 1024),
                       static_cast<unsigned long long>(machine->free_pages * abi::page_size / 1024)));
  return {};
}

void Transfers::offered(Peer& from, const Id& id, const Offer& offer) {
  residents_->follow_changes();  // who died meanwhile gives its place back first
  if (const auto ok = acceptable(from, id, offer); !ok) {
    from.outcomes.remember(id, {Receiver::refused, 0, ok.error()});
    return from.send(encode(id, Refuse{ok.error().status, ok.error().text}));
  }
  ++from.transfers;
  ++from.accepted;
  const Arrival::Where where{world_.loop, world_.store, *residents_, *life_, cpus_};
  coming_[id] = {&from, std::make_shared<Arrival>(where, from, id, offer, [this, id] { follow(id); })};
  if (!from.up()) coming_[id].arrival->incoming().peer_down();  // accepting it was too much for the link
  follow(id);
  spawn(watch(id));
}

// Until it is at its end, however that comes.
Task<Done> Transfers::watch(Id id) {
  for (;;) {
    const auto found = coming_.find(id);
    if (found == coming_.end()) co_return Done{};
    const auto arrival = found->second.arrival;
    arrival->incoming().tick(world_.loop.now());
    follow(id);
    const auto deadline = arrival->incoming().deadline().value_or(world_.loop.now() + word_period);
    if (!coming_.contains(id)) co_return Done{};
    co_await world_.loop.until(deadline);
  }
}

// Something may have changed about it. Whatever is sent may be too much for the link, which then closes and ends what
// comes over it, this one as well: what is at its end is taken out before anybody is told.
void Transfers::follow(Id id) {
  const auto found = coming_.find(id);
  if (found == coming_.end()) return;
  if (!found->second.arrival->incoming().settled()) return tell(found->second);
  auto ended = coming_.extract(found);
  auto& coming = ended.mapped();
  const auto& incoming = coming.arrival->incoming();
  coming.from->outcomes.remember(id, {incoming.state(), incoming.slot(), incoming.refusal()});
  --coming.from->transfers;
  if (incoming.state() != Receiver::arrived && ++coming.from->complaints <= complaints_per_second)
    world_.report.say(text("%s from %s (%s) did not arrive: %s", coming.arrival->name().c_str(),
                           coming.from->name().c_str(), describe(id).c_str(), incoming.refusal().text.c_str()));
  tell(coming);
}

void Transfers::tell(Coming& coming) {
  auto& incoming = coming.arrival->incoming();
  const auto state = static_cast<std::uint32_t>(incoming.state());
  if (std::exchange(coming.told, state) == state) return;
  const abi::link::TransferChange change{.instance_id = incoming.id().instance,
                                         .epoch = incoming.id().epoch,
                                         .peer = coming.from->number(),
                                         .slot = coming.arrival->slot(),
                                         .kind = static_cast<std::uint32_t>(incoming.kind()),
                                         .incoming = 1,
                                         .state = state,
                                         .status = static_cast<std::int32_t>(incoming.refusal().status)};
  world_.report.transfer(change);
}

}  // namespace agency::transfer
