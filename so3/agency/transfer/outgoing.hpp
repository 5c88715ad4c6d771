// The sender's side of one transfer to one peer (abi::transfer::Sender). Pure: time comes in, messages go out.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "so3/agency/transfer/message.hpp"
#include "so3/agency/transfer/timing.hpp"

namespace agency::transfer {

// Where messages to one peer go. What is sent while it cannot be reached is lost.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void send(std::string_view message) = 0;
  virtual bool up() const = 0;
};

// How a transfer ended for its sender.
struct Ended {
  enum class How : std::uint8_t {
    arrived,    // it lives there
    refused,    // the peer does not take it
    // The sender changed its mind, or lost patience. The peer has nothing of it; of a copy, which is another instance,
    // it may: nobody waits to hear.
    cancelled,
    lost,  // the peer died with all it had
  };
  How how;
  abi::Status status;
  std::uint32_t slot;  // over there, when it arrived
  std::string why;  // what follows "B ..."; empty when it arrived
};

class Outgoing {
 public:
  // Sends the offer.
  Outgoing(Wire& wire, const Id& id, const Offer& offer, Time now);

  // Something that this side cannot have caused is answered with a complaint, and ends the transfer.
  [[nodiscard]] std::optional<std::string> receive(const Message& message, Time now);
  // It sent something that is no message at all.
  void garbage(const std::string& why, Time now) { fail(abi::Status::bad_argument, "sent " + why, now); }

  void peer_up(Time now);
  void peer_down(Time now);
  // It died with all it had.
  void peer_lost();
  void tick(Time now);
  // When tick() has something to do next, unless something else happens before.
  std::optional<Time> deadline() const;

  // ---- the stream, while sending
  // How many bytes it takes now, at most data_max.
  std::size_t room() const;
  // `last`: that is all of it.
  void send(std::string_view bytes, bool last, Time now);

  // This side gives up: of a copy at once, whatever the peer has of it by then. Of a move that the peer may have taken
  // already, only once the peer said so.
  void cancel(abi::Status status, std::string why, Time now) { fail(status, std::move(why), now); }

  const Id& id() const { return id_; }
  Kind kind() const { return kind_; }
  abi::transfer::Sender state() const { return state_; }
  // In `done` only.
  const Ended& ended() const { return *ended_; }
  bool done() const { return state_ == abi::transfer::Sender::done; }

 private:
  using State = abi::transfer::Sender;

  void fail(abi::Status status, std::string why, Time now);
  void end(Ended ended);
  void say_cancel(Time now);
  void raise(std::uint64_t up_to, Time now);
  void run_dry(Time now);

  Wire* wire_;
  Id id_;
  Kind kind_;
  State state_ = State::offered;
  std::uint64_t sent_ = 0, credit_ = 0;
  std::uint64_t renewed_at_ = 0;  // the credit when the peer had taken so much that its patience began anew
  Time dry_from_ = 0, dry_ = 0;  // since when there is no credit, and for how long there was none since then
  bool complete_ = false;  // the peer may have all of it
  Time patience_;  // until when the peer has to do something
  Time sent_until_ = 0;  // until when it has to arrive
  Time spoke_;  // when this side said something last
  std::string why_;  // cancelling: why
  abi::Status status_ = abi::Status::ok;
  std::optional<Ended> ended_;
};

}  // namespace agency::transfer
