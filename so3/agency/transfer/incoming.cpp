#include "so3/agency/transfer/incoming.hpp"

#include <algorithm>

#include "so3/agency/text.hpp"

namespace agency::transfer {

using abi::Status;
using abi::transfer::window_default;

Incoming::Incoming(Wire& wire, Cargo& cargo, const Id& id, const Offer& offer, Time now)
    : wire_{&wire},
      cargo_{&cargo},
      id_{id},
      kind_{offer.kind},
      granted_{window_default},
      patience_{now + patience},
      standstill_{now + standstill_max},
      spoke_{now} {
  wire_->send(encode(id_, Accept{granted_}));
}

std::optional<std::string> Incoming::receive(const Message& message, Time now) {
  if (const auto* data = message.as<Data>()) return take(*data, now);
  if (message.as<Cancel>() != nullptr) {
    if (state_ == State::arrived) {
      say_arrived(now);
    } else {
      if (under_way()) cancelled({Status::bad_state, "the sender cancelled it"});
      wire_->send(encode(id_, Cancelled{}));
    }
    return std::nullopt;
  }
  if (message.as<Settled>() != nullptr) {
    if (state_ == State::arrived) settled_ = true;
    return std::nullopt;
  }
  if (message.as<Offer>() != nullptr) {
    // The first answer was lost, or this is the second of two.
    if (state_ == State::receiving) wire_->send(encode(id_, Accept{granted_}));
    if (state_ == State::arrived) say_arrived(now);
    if (state_ == State::refused) wire_->send(encode(id_, Refuse{refusal_.status, refusal_.text}));
    if (state_ == State::cancelled) wire_->send(encode(id_, Cancelled{}));
    return std::nullopt;
  }
  if (under_way()) refuse({Status::bad_argument, "the sender answers as if it were the receiver"});
  return "answers as if it were the receiver";
}

std::optional<std::string> Incoming::take(const Data& data, Time now) {
  if (state_ != State::receiving) return std::nullopt;
  patience_ = now + patience;
  const auto end = data.offset + data.bytes.size();
  if (end <= received_) return std::nullopt;
  const auto complaint = [&](std::string what) {
    refuse({Status::bad_argument, "the sender " + what});
    return std::optional{std::move(what)};
  };
  if (data.offset > received_)
    return complaint(text("left out data from %llu to %llu", static_cast<unsigned long long>(received_),
                          static_cast<unsigned long long>(data.offset)));
  if (end > granted_)
    return complaint(text("sent data up to %llu and may send up to %llu", static_cast<unsigned long long>(end),
                          static_cast<unsigned long long>(granted_)));
  const auto fresh = data.bytes.substr(static_cast<std::size_t>(received_ - data.offset));
  received_ = end;
  standstill_ = now + standstill_max;
  const auto all = cargo_->take(fresh);
  if (!all) {
    refuse(all.error());
    return std::nullopt;
  }
  if (*all) {
    state_ = State::activating;
    spoke_ = now;
    cargo_->activate();
  } else {
    drained(now);
  }
  return std::nullopt;
}

void Incoming::drained(Time now) {
  const auto up_to = received_ - cargo_->held() + window_default;
  if (state_ != State::receiving || up_to < granted_ + window_default / 2) return;
  granted_ = up_to;
  grant(now);
}

void Incoming::activated(const std::expected<std::uint32_t, Refusal>& slot, Time now) {
  if (state_ != State::activating) return;
  if (!slot) return refuse(slot.error());
  state_ = State::arrived;
  slot_ = *slot;
  settled_ = kind_ != Kind::move || sender_lost_;
  say_arrived(now);
}

void Incoming::peer_up(Time now) {
  if (state_ == State::arrived && !settled_) say_arrived(now);
}

void Incoming::peer_down() {
  if (state_ == State::receiving) cancelled({Status::not_found, "the sender cannot be reached any more"});
}

void Incoming::peer_lost() {
  sender_lost_ = true;
  if (state_ == State::receiving) cancelled({Status::peer_died, "the sender died"});
  if (state_ == State::arrived) settled_ = true;
}

void Incoming::tick(Time now) {
  switch (state_) {
    case State::receiving:
      // The sender may be waiting for us, and not the other way round.
      if (cargo_->held() != 0) standstill_ = now + standstill_max;
      if (now >= patience_) return refuse({Status::no_answer, "nothing was heard of the sender for 5 s"});
      if (now >= standstill_) return refuse({Status::no_answer, "the sender sent nothing of it for 30 s"});
      if (now >= spoke_ + word_period) grant(now);
      break;
    case State::activating:
      // Life itself bounds how long a sequence takes.
      if (now >= spoke_ + word_period) grant(now);
      break;
    case State::arrived:
      if (!settled_ && now >= spoke_ + word_period) say_arrived(now);
      break;
    case State::refused:
    case State::cancelled: break;
  }
  static_assert(patience == 5'000 * ms && standstill_max == 30'000 * ms);
}

std::optional<Time> Incoming::deadline() const {
  switch (state_) {
    case State::receiving: return std::min({patience_, standstill_, spoke_ + word_period});
    case State::activating: return spoke_ + word_period;
    case State::arrived:
      if (!settled_ && wire_->up()) return spoke_ + word_period;
      break;
    case State::refused:
    case State::cancelled: break;
  }
  return std::nullopt;
}

void Incoming::refuse(Refusal why) {
  if (!under_way()) return;
  state_ = State::refused;
  settled_ = true;
  refusal_ = std::move(why);
  cargo_->drop(refusal_.text);
  wire_->send(encode(id_, Refuse{refusal_.status, refusal_.text}));
}

void Incoming::cancelled(Refusal why) {
  state_ = State::cancelled;
  settled_ = true;
  refusal_ = std::move(why);
  cargo_->drop(refusal_.text);
}

void Incoming::grant(Time now) {
  spoke_ = now;
  wire_->send(encode(id_, Credit{granted_}));
}

void Incoming::say_arrived(Time now) {
  spoke_ = now;
  wire_->send(encode(id_, Arrived{slot_}));
}

}  // namespace agency::transfer
