#include "tests/bench/agency/neighbour.hpp"

#include <cstring>

#include "so3/abi/layout.hpp"
#include "so3/agency/link/frame.hpp"
#include "tests/bench/measure.hpp"

namespace bench {

using abi::link::Type;
using agency::transfer::Kind;
namespace transfer = agency::transfer;

agency::Task<bool> Neighbour::link_up() {
  // Nobody is asked cb_pre_propagate by itself.
  const abi::link::Period by_hand{0, 0};
  static_cast<void>(co_await engine_.request(Type::period, std::string{agency::raw(by_hand)}));
  abi::link::PeerUp up{.peer = number, .reserved = 0, .agency_uid = 2, .boot_id = 1, .name = {}};
  std::strcpy(up.name, "neighbour");
  const Answer answer = co_await engine_.request(Type::peer_up, std::string{agency::raw(up)});
  if (answer.status != abi::Status::ok) printk(KERN_ERR "bench: no neighbour: %s\n", answer.payload.c_str());
  co_return answer.status == abi::Status::ok;
}

agency::Task<std::optional<Neighbour::Sent>> Neighbour::send(Kind kind) {
  to_ = kind == Kind::restore ? abi::link::peer_engine : number;
  id_ = {++next_instance_, 0};
  credit_ = sent_ = 0;
  arrived_.reset();
  refused_.reset();
  offer_.kind = kind;
  pack();
  say(offer_);
  while (!arrived_ && !refused_) co_await over_;
  if (refused_) {
    printk(KERN_ERR "bench: refused: %s\n", refused_->c_str());
    co_return std::optional<Sent>{};
  }
  co_return std::optional<Sent>{Sent{*arrived_, begin_}};
}

template <typename T>
void Neighbour::say(const T& what) {
  EngineEnd::link_frame(due_, to_, transfer::encode(id_, what));
  ring();
}

void Neighbour::message(std::uint32_t, std::string_view message) {
  const auto parsed = transfer::Message::parse(message);
  if (!parsed) {
    refused_ = parsed.error().why;
    return over_.ring();
  }
  if (const auto* offer = parsed->as<transfer::Offer>()) {
    offer_ = *offer;
    id_ = parsed->id();
    stream_.clear();
    pieces_.clear();
    say(transfer::Accept{UINT64_MAX});
  } else if (const auto* data = parsed->as<transfer::Data>()) {
    stream_.append(data->bytes);
  } else if (const auto* accept = parsed->as<transfer::Accept>()) {
    credit_ = accept->up_to;
    ring();
  } else if (const auto* credit = parsed->as<transfer::Credit>()) {
    credit_ = credit->up_to;
    ring();
  } else if (const auto* arrived = parsed->as<transfer::Arrived>()) {
    arrived_ = arrived->slot;
    over_.ring();
  } else if (const auto* refuse = parsed->as<transfer::Refuse>()) {
    refused_ = refuse->text;
    over_.ring();
  }
}

void Neighbour::changed(const abi::link::TransferChange& transfer) {
  const bool sent = transfer.state == static_cast<std::uint32_t>(abi::transfer::Sender::sent);
  if (transfer.incoming == 0 && sent) say(transfer::Arrived{abi::first_me_slot});
}

void Neighbour::answer() {
  std::string now;
  now.swap(due_);
  engine_.hand_over(now);
  for (; sent_ < pieces_.size() && (sent_ + 1) * abi::transfer::data_max <= credit_; ++sent_) {
    if (sent_ == 0) begin_ = counter();
    engine_.hand_over(pieces_[sent_]);
  }
}

// Before anything is counted. The window is a multiple of a piece, so they go as they are.
void Neighbour::pack() {
  static_assert(abi::transfer::window_default % abi::transfer::data_max == 0);
  pieces_.clear();
  for (std::size_t at = 0; at < stream_.size(); at += abi::transfer::data_max) {
    const auto bytes = std::string_view{stream_}.substr(at, abi::transfer::data_max);
    EngineEnd::link_frame(pieces_.emplace_back(), to_, transfer::encode(id_, transfer::Data{at, bytes}));
  }
}

}  // namespace bench
