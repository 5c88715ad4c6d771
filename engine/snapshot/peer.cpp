#include "engine/snapshot/peer.hpp"

#include <fmt/format.h>

namespace engine {

namespace protocol = agency::transfer;
using abi::Status;
using abi::transfer::Kind;

Result<> SnapshotPeer::expect(std::uint32_t slot, std::shared_ptr<Saving> saving) {
  if (expected_.try_emplace(slot, std::move(saving)).second) return {};
  return fail(Errc::wrong_state, fmt::format("a snapshot of slot {} is being taken already", slot),
              "wait until that is over");
}

void SnapshotPeer::answered(std::uint32_t slot, std::optional<Error> failure) {
  if (const auto found = expected_.extract(slot)) found.mapped()->answered(std::move(failure));
}

void SnapshotPeer::restore(const Id& id, std::shared_ptr<Restoring> restoring, Time now) {
  const auto& offer = restoring->offer();
  sendings_.insert_or_assign(id, Sending{restoring, {*this, id, offer, now}});
}

void SnapshotPeer::message(std::string_view bytes, Time now) {
  const auto parsed = protocol::Message::parse(bytes);
  const auto id = parsed ? std::optional{parsed->id()} : parsed.error().id;
  if (!id) return;  // about nothing that is under way
  // Complaints are the agency's way to tell people of a bad neighbour: here, the end of the transfer tells it.
  if (const auto coming = receptions_.find(*id); coming != receptions_.end()) {
    if (parsed) static_cast<void>(coming->second->incoming.receive(*parsed, now));
    else coming->second->incoming.garbage(parsed.error().why);
  } else if (const auto going = sendings_.find(*id); going != sendings_.end()) {
    if (parsed) static_cast<void>(going->second.outgoing.receive(*parsed, now));
    else going->second.outgoing.garbage(parsed.error().why, now);
  } else if (parsed) {
    stranger(*parsed);
  }
  look(now);
}

// About a transfer that is over, or that begins.
void SnapshotPeer::stranger(const protocol::Message& message) {
  if (const auto* offer = message.as<protocol::Offer>()) {
    if (offer->kind == Kind::save && offers_.size() < offers_max) {
      offers_.insert_or_assign(message.id(), *offer);
      return;
    }
    send(encode(message.id(),
                protocol::Refuse{Status::denied, "the engine takes snapshots that were asked for, and no other MEs"}));
  } else if (message.as<protocol::Cancel>() != nullptr) {
    offers_.erase(message.id());
    send(encode(message.id(), protocol::Cancelled{}));
  }
}

void SnapshotPeer::told(const Id& id, std::uint32_t slot, Time now) {
  const auto offer = offers_.extract(id);
  if (!offer) return;
  const auto wanted = expected_.find(slot);
  if (wanted == expected_.end())
    return send(encode(id, protocol::Refuse{Status::denied, fmt::format("nobody wants a snapshot of slot {}", slot)}));
  receptions_.insert_or_assign(
      id, std::make_unique<Reception>(static_cast<protocol::Wire&>(*this), id, offer.mapped(), wanted->second, now));
}

void SnapshotPeer::end(const Error& reason) {
  for (const auto& [slot, saving] : std::exchange(expected_, {})) saving->answered(reason);
  for (const auto& [id, reception] : std::exchange(receptions_, {})) reception->incoming.peer_lost();
  for (const auto& [id, sending] : std::exchange(sendings_, {})) sending.restoring->ended(std::unexpected(reason));
  offers_.clear();
}

void SnapshotPeer::look(Time now) {
  for (const auto& [id, reception] : receptions_) {
    reception->look(now);
    reception->incoming.tick(now);
  }
  for (auto& [id, sending] : sendings_) {
    auto& out = sending.outgoing;
    out.tick(now);
    if (const auto trouble = sending.restoring->trouble()) out.cancel(Status::bad_argument, trouble->message, now);
    while (const auto piece = sending.restoring->take(out.room())) out.send(piece->bytes, piece->last, now);
  }
  forget_ended();
}

void SnapshotPeer::forget_ended() {
  std::erase_if(receptions_, [](const auto& each) { return each.second->incoming.settled(); });
  std::erase_if(sendings_, [](auto& each) {
    const auto& out = each.second.outgoing;
    if (!out.done()) return false;
    const auto& ended = out.ended();
    if (ended.how == protocol::Ended::How::arrived) each.second.restoring->ended(ended.slot);
    else each.second.restoring->ended(fail(errc_from(ended.status), "the agency " + ended.why));
    return true;
  });
}

std::optional<SnapshotPeer::Time> SnapshotPeer::deadline() const {
  std::optional<Time> first;
  const auto consider = [&](std::optional<Time> at) {
    if (at && (!first || *at < *first)) first = at;
  };
  for (const auto& [id, reception] : receptions_) consider(reception->incoming.deadline());
  for (const auto& [id, sending] : sendings_) consider(sending.outgoing.deadline());
  return first;
}

}  // namespace engine
