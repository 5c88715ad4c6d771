// The engine as the peer that keeps snapshots in files (abi::link::peer_engine). In one thread; time comes in.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "engine/snapshot/reception.hpp"
#include "engine/snapshot/restoring.hpp"
#include "so3/agency/transfer/outgoing.hpp"

namespace engine {

class SnapshotPeer final : private agency::transfer::Wire {
 public:
  using Time = agency::transfer::Time;
  using Id = agency::transfer::Id;

  // `send` brings a message to the agency.
  explicit SnapshotPeer(std::function<void(std::string_view)> send) : send_{std::move(send)} {}
  SnapshotPeer(const SnapshotPeer&) = delete;
  SnapshotPeer& operator=(const SnapshotPeer&) = delete;

  // ---- a snapshot of the ME in `slot`
  // Before the agency is asked to save it. wrong_state: one of it is being taken already.
  [[nodiscard]] Result<> expect(std::uint32_t slot, std::shared_ptr<Saving> saving);
  // The agency's reply to that.
  void answered(std::uint32_t slot, std::optional<Error> failure);

  // ---- a snapshot from a file
  void restore(const Id& id, std::shared_ptr<Restoring> restoring, Time now);

  // ---- from the agency
  void message(std::string_view bytes, Time now);
  // Which ME it is that it offers: offers have no slot.
  void told(const Id& id, std::uint32_t slot, Time now);
  // It is gone, with all it had.
  void end(const Error& reason);

  // Somebody poked, or time has passed.
  void look(Time now);
  std::optional<Time> deadline() const;

 private:
  struct Sending {
    std::shared_ptr<Restoring> restoring;
    agency::transfer::Outgoing outgoing;
  };
  static constexpr std::size_t offers_max = 32;  // that nobody has told the slot of

  void send(std::string_view message) override { send_(message); }
  bool up() const override { return true; }
  void stranger(const agency::transfer::Message& message);
  void forget_ended();

  std::function<void(std::string_view)> send_;
  std::map<std::uint32_t, std::shared_ptr<Saving>> expected_;  // by slot, until the reply
  std::map<Id, agency::transfer::Offer> offers_;
  std::map<Id, std::unique_ptr<Reception>> receptions_;
  std::map<Id, Sending> sendings_;
};

}  // namespace engine
