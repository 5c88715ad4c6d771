// Neighbours: which there are, and whether they can be reached.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "so3/abi/link.hpp"
#include "so3/agency/me/refusal.hpp"
#include "so3/agency/transfer/outcomes.hpp"
#include "so3/agency/transfer/outgoing.hpp"
#include "so3/agency/transfer/timing.hpp"

namespace agency::transfer {

// Brings messages to the engine, which has the peers.
class Carrier {
 public:
  virtual ~Carrier() = default;
  virtual void carry(std::uint32_t peer, std::string_view message) = 0;
};

// Named by its agency's UID for as long as it is remembered; its number may change each time it comes up.
class Peer final : public Wire {
 public:
  Peer(Carrier& carrier, std::uint64_t uid, std::string name) : carrier_{&carrier}, uid_{uid}, name_{std::move(name)} {}

  void send(std::string_view message) override {
    if (up_) carrier_->carry(number_, message);
  }
  bool up() const override { return up_; }
  // Never 0, but of the engine.
  std::uint64_t uid() const { return uid_; }
  const std::string& name() const { return name_; }
  std::uint32_t number() const { return number_; }
  bool is_engine() const { return number_ == abi::link::peer_engine; }

  // False: it said more within a second than any peer has to say. `dropped` then counts up to the end of that second.
  bool may_speak(Time now);
  static constexpr std::uint32_t messages_per_second = 10'000;

  Outcomes outcomes;
  std::uint32_t transfers = 0;  // under way, either way
  std::uint64_t dropped = 0, complaints = 0, accepted = 0;  // in this second

 private:
  friend class Peers;
  Carrier* carrier_;
  std::uint64_t uid_;
  std::string name_;
  std::uint32_t number_ = 0;
  std::uint64_t boot_id_ = 0;
  bool up_ = false;
  Time second_ = 0;
  std::uint32_t spoken_ = 0;
};

class Peers {
 public:
  // Each is told once when it happens, and `lost` before `up` when a peer was started anew.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void peer_up(Peer& peer) = 0;
    virtual void peer_down(Peer& peer) = 0;
    virtual void peer_lost(Peer& peer) = 0;  // it died with all it had
  };
  static constexpr std::size_t max = 32;

  Peers(Carrier& carrier, Listener& listener);

  // bad_argument: the number is the engine's, or the peer is this smart object; busy: it is up under another number;
  // no_memory: too many.
  [[nodiscard]] std::expected<void, Refusal> up(const abi::link::PeerUp& peer, std::uint64_t own_uid);
  [[nodiscard]] std::expected<void, Refusal> down(const abi::link::PeerDown& peer);
  // The link to the engine: with it, everybody is out of reach.
  void link_opened();
  void link_closed();

  // Null: there is none of that number now.
  Peer* find(std::uint32_t number);
  // Neighbours that are up.
  std::vector<Peer*> neighbours() const;

 private:
  Peer* known(std::uint64_t uid) const;
  bool forget_one();
  void take_down(Peer& peer);

  Carrier* carrier_;
  Listener* listener_;
  Peer engine_;
  std::vector<std::unique_ptr<Peer>> peers_;  // in the order they were last heard of
};

}  // namespace agency::transfer
