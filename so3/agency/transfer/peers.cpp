#include "so3/agency/transfer/peers.hpp"

#include <algorithm>

#include "so3/agency/text.hpp"

namespace agency::transfer {

using abi::Status;

namespace {

std::string name_of(const abi::link::PeerUp& peer) {
  return printable({peer.name, std::find(std::begin(peer.name), std::end(peer.name), '\0')});
}

}  // namespace

bool Peer::may_speak(Time now) {
  if (now - second_ >= 1'000 * ms) {
    second_ = now;
    spoken_ = 0;
    dropped = complaints = accepted = 0;
  }
  if (spoken_ < messages_per_second) {
    ++spoken_;
    return true;
  }
  ++dropped;
  return false;
}

Peers::Peers(Carrier& carrier, Listener& listener)
    : carrier_{&carrier}, listener_{&listener}, engine_{carrier, 0, "the engine"} {
  engine_.number_ = abi::link::peer_engine;
}

std::expected<void, Refusal> Peers::up(const abi::link::PeerUp& up, std::uint64_t own_uid) {
  const auto name = name_of(up);
  if (up.peer == abi::link::peer_engine || up.peer == abi::link::peers_all)
    return refuse(Status::bad_argument, text("a neighbour cannot have the number %u", up.peer));
  if (up.agency_uid == own_uid || up.agency_uid == 0)
    return refuse(Status::bad_argument, text("%s is this smart object itself: link it to another one", name.c_str()));
  auto* peer = known(up.agency_uid);
  if (peer != nullptr && peer->up_ && peer->number_ != up.peer)
    return refuse(Status::busy, text("%s is a neighbour already, number %u", name.c_str(), peer->number_));
  for (const auto& other : peers_) {
    if (other->number_ != up.peer || other.get() == peer) continue;
    if (other->up_) take_down(*other);
    other->number_ = abi::link::peers_all;  // none
  }
  if (peer == nullptr) {
    if (peers_.size() == max && !forget_one())
      return refuse(Status::no_memory, text("%zu neighbours are the most there can be: unlink one first", max));
    peer = peers_.emplace_back(std::make_unique<Peer>(*carrier_, up.agency_uid, name)).get();
  } else if (peer->boot_id_ != up.boot_id) {
    peer->up_ = false;
    listener_->peer_lost(*peer);
  } else if (peer->up_) {
    return {};
  }
  peer->number_ = up.peer;
  peer->boot_id_ = up.boot_id;
  peer->name_ = name;
  peer->up_ = true;
  listener_->peer_up(*peer);
  return {};
}

std::expected<void, Refusal> Peers::down(const abi::link::PeerDown& down) {
  // One that cannot be reached any more may be found to be dead later.
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const auto& p) { return p->number_ == down.peer; });
  // The last of them is what those have that have no number any more.
  if (down.peer == abi::link::peer_engine || down.peer == abi::link::peers_all || found == peers_.end())
    return refuse(Status::not_found, text("no neighbour has the number %u", down.peer));
  auto& peer = **found;
  if (down.dead != 0) {
    peer.up_ = false;
    // Should it be back with the same boot id all the same, it is as if it had been started anew.
    peer.boot_id_ = 0;
    listener_->peer_lost(peer);
  } else if (peer.up_) {
    take_down(peer);
  }
  return {};
}

void Peers::link_opened() {
  if (engine_.up_) return;
  engine_.up_ = true;
  listener_->peer_up(engine_);
}

void Peers::link_closed() {
  if (engine_.up_) take_down(engine_);
  for (const auto& peer : peers_)
    if (peer->up_) take_down(*peer);
}

Peer* Peers::find(std::uint32_t number) {
  if (number == abi::link::peer_engine) return engine_.up_ ? &engine_ : nullptr;
  const auto found =
      std::find_if(peers_.begin(), peers_.end(), [&](const auto& p) { return p->up_ && p->number_ == number; });
  return found == peers_.end() ? nullptr : found->get();
}

std::vector<Peer*> Peers::neighbours() const {
  std::vector<Peer*> up;
  for (const auto& peer : peers_)
    if (peer->up_) up.push_back(peer.get());
  return up;
}

Peer* Peers::known(std::uint64_t uid) const {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const auto& p) { return p->uid_ == uid; });
  return found == peers_.end() ? nullptr : found->get();
}

// One that is down and has nothing under way.
bool Peers::forget_one() {
  const auto idle =
      std::find_if(peers_.begin(), peers_.end(), [](const auto& p) { return !p->up_ && p->transfers == 0; });
  if (idle == peers_.end()) return false;
  peers_.erase(idle);
  return true;
}

void Peers::take_down(Peer& peer) {
  peer.up_ = false;
  listener_->peer_down(peer);
}

}  // namespace agency::transfer
