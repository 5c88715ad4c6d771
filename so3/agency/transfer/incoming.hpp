// The receiver's side of one transfer (abi::transfer::Receiver). Pure: time comes in, messages go out.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "so3/agency/me/refusal.hpp"
#include "so3/agency/transfer/message.hpp"
#include "so3/agency/transfer/outgoing.hpp"
#include "so3/agency/transfer/timing.hpp"

namespace agency::transfer {

// What becomes an ME of the bytes that come.
class Cargo {
 public:
  virtual ~Cargo() = default;
  // The next bytes of the stream. True: that was all of it, and it is right.
  virtual std::expected<bool, Refusal> take(std::string_view bytes) = 0;
  // How many of the bytes it took it still has to do something with: the sender gets so much less credit.
  virtual std::size_t held() const { return 0; }
  // Once after that: begins to bring it to life. Some time later, not within: Incoming::activated().
  virtual void activate() = 0;
  // At any time before activated(): nothing of it remains.
  virtual void drop(const std::string& why) = 0;
};

class Incoming {
 public:
  // Accepts the offer.
  Incoming(Wire& wire, Cargo& cargo, const Id& id, const Offer& offer, Time now);

  [[nodiscard]] std::optional<std::string> receive(const Message& message, Time now);
  // The cargo holds less than it did.
  void drained(Time now);
  // The cargo cannot take it after all.
  void give_up(Refusal why) { refuse(std::move(why)); }
  void garbage(const std::string& why) { refuse({abi::Status::bad_argument, "the sender sent " + why}); }

  // How the arrival or restore sequence went: the slot, or why not.
  void activated(const std::expected<std::uint32_t, Refusal>& slot, Time now);

  void peer_up(Time now);
  void peer_down();
  // It died with all it had: what is here in one piece goes on.
  void peer_lost();
  void tick(Time now);
  std::optional<Time> deadline() const;

  const Id& id() const { return id_; }
  Kind kind() const { return kind_; }
  abi::transfer::Receiver state() const { return state_; }
  // Nothing is to be done for it any more. An ME that was moved here may move on from then.
  bool settled() const { return settled_; }
  std::uint32_t slot() const { return slot_; }  // in `arrived`
  const Refusal& refusal() const { return refusal_; }  // in `refused` and `cancelled`

 private:
  using State = abi::transfer::Receiver;

  bool under_way() const { return state_ == State::receiving || state_ == State::activating; }
  std::optional<std::string> take(const Data& data, Time now);
  void refuse(Refusal why);
  void cancelled(Refusal why);
  void grant(Time now);
  void say_arrived(Time now);

  Wire* wire_;
  Cargo* cargo_;
  Id id_;
  Kind kind_;
  State state_ = State::receiving;
  std::uint64_t received_ = 0, granted_;
  Time patience_;    // until when the sender has to say something
  Time standstill_;  // until when the stream has to get on
  Time spoke_;
  std::uint32_t slot_ = 0;
  bool sender_lost_ = false;
  bool settled_ = false;
  Refusal refusal_{abi::Status::ok, {}};
};

}  // namespace agency::transfer
