#include "so3/agency/transfer/outgoing.hpp"

#include <algorithm>

#include "so3/agency/text.hpp"

namespace agency::transfer {

using abi::Status;

namespace {

constexpr const char* silent = "did not answer for 5 s";
static_assert(patience == 5'000 * ms);

}  // namespace

Outgoing::Outgoing(Wire& wire, const Id& id, const Offer& offer, Time now)
    : wire_{&wire}, id_{id}, kind_{offer.kind}, patience_{now + patience}, spoke_{now} {
  wire_->send(encode(id_, offer));
}

std::optional<std::string> Outgoing::receive(const Message& message, Time now) {
  if (done()) return std::nullopt;
  if (const auto* accept = message.as<Accept>()) {
    if (state_ == State::offered) {
      state_ = State::sending;
      run_dry(now);
    }
    raise(accept->up_to, now);
    return std::nullopt;
  }
  if (const auto* credit = message.as<Credit>()) {
    raise(credit->up_to, now);
    return std::nullopt;
  }
  if (const auto* refuse = message.as<Refuse>()) {
    end({Ended::How::refused, refuse->status, 0, "refused it: " + refuse->text});
    return std::nullopt;
  }
  if (const auto* arrived = message.as<Arrived>()) {
    // Only who has all of it can have made an ME of it.
    if (complete_) {
      if (kind_ == Kind::move) wire_->send(encode(id_, Settled{}));
      end({Ended::How::arrived, Status::ok, arrived->slot, {}});
      return std::nullopt;
    }
    fail(Status::bad_argument, "said that it arrived before it was sent", now);
    return std::string{"says that an ME arrived that was not sent yet"};
  }
  if (message.as<Cancelled>() != nullptr) {
    if (state_ == State::cancelling) {
      end({Ended::How::cancelled, status_, 0, why_});
    } else {
      end({Ended::How::cancelled, Status::bad_state, 0, "cancelled it by itself"});
    }
    return std::nullopt;
  }
  const bool other_way = message.as<Offer>() != nullptr || message.as<Data>() != nullptr;
  std::string what =
      other_way ? "sends an ME under the name of one that is on its way there" : "answers to nothing that was said";
  fail(Status::bad_argument, what, now);
  return what;
}

// In `sent` a word is enough: it is being activated there. And a disk may be slow. A peer has to take a full message's
// worth within its patience, in which no time counts that it has to wait itself.
void Outgoing::raise(std::uint64_t up_to, Time now) {
  if (state_ == State::sent) patience_ = now + patience;
  if (state_ != State::sending) return;
  const bool was_dry = room() == 0;
  credit_ = std::max(credit_, up_to);
  if (was_dry && room() != 0) dry_ += now - dry_from_;
  if (kind_ != Kind::save && credit_ - renewed_at_ < abi::transfer::data_max) return;
  renewed_at_ = credit_;
  dry_ = 0;
  if (room() == 0) run_dry(now);
}

void Outgoing::run_dry(Time now) {
  dry_from_ = now;
  patience_ = now + patience - std::min(dry_, patience);
}

void Outgoing::peer_up(Time now) {
  if (state_ == State::cancelling) say_cancel(now);
}

void Outgoing::peer_down(Time now) {
  if (!done() && state_ != State::cancelling) fail(Status::not_found, "cannot be reached any more", now);
}

void Outgoing::peer_lost() {
  if (!done()) end({Ended::How::lost, Status::peer_died, 0, "died"});
}

void Outgoing::tick(Time now) {
  switch (state_) {
    case State::offered:
    case State::sent:
      if (now >= patience_) return fail(Status::no_answer, silent, now);
      if (state_ == State::sent && now >= sent_until_)
        return fail(Status::no_answer, "did not bring it to life within 60 s", now);
      break;
    case State::sending:
      if (room() == 0 && now >= patience_)
        return fail(Status::no_answer,
                    credit_ == renewed_at_ ? "took nothing more for 5 s" : "took less than 32 KB in 5 s", now);
      if (now >= spoke_ + word_period) {
        spoke_ = now;
        wire_->send(encode(id_, Data{sent_, {}}));
      }
      break;
    case State::cancelling:
      if (now >= spoke_ + word_period) say_cancel(now);
      break;
    case State::done: break;
  }
  static_assert(arrival_max == 60'000 * ms && abi::transfer::data_max == 32 * 1024);
}

std::optional<Time> Outgoing::deadline() const {
  switch (state_) {
    case State::offered: return patience_;
    case State::sending: return room() == 0 ? std::min(patience_, spoke_ + word_period) : spoke_ + word_period;
    case State::sent: return std::min(patience_, sent_until_);
    case State::cancelling:
      if (wire_->up()) return spoke_ + word_period;
      return std::nullopt;
    case State::done: break;
  }
  return std::nullopt;
}

std::size_t Outgoing::room() const {
  if (state_ != State::sending || credit_ <= sent_) return 0;
  return static_cast<std::size_t>(std::min<std::uint64_t>(credit_ - sent_, abi::transfer::data_max));
}

void Outgoing::send(std::string_view bytes, bool last, Time now) {
  if (state_ != State::sending || bytes.size() > room()) return;
  const auto offset = sent_;
  sent_ += bytes.size();
  spoke_ = now;
  if (room() == 0) run_dry(now);
  if (last) {
    state_ = State::sent;
    patience_ = now + patience;
    complete_ = true;
    sent_until_ = kind_ == Kind::save ? UINT64_MAX : now + arrival_max;
  }
  wire_->send(encode(id_, Data{offset, bytes}));
}

void Outgoing::fail(Status status, std::string why, Time now) {
  if (done() || state_ == State::cancelling) return;
  if (kind_ == Kind::move && complete_) {
    state_ = State::cancelling;
    status_ = status;
    why_ = std::move(why);
    return say_cancel(now);
  }
  if (wire_->up()) wire_->send(encode(id_, Cancel{}));
  if (kind_ == Kind::copy && complete_) why += ", and may have it all the same";
  end({Ended::How::cancelled, status, 0, std::move(why)});
}

void Outgoing::say_cancel(Time now) {
  spoke_ = now;
  if (wire_->up()) wire_->send(encode(id_, Cancel{}));
}

void Outgoing::end(Ended ended) {
  state_ = State::done;
  ended_ = std::move(ended);
}

}  // namespace agency::transfer
