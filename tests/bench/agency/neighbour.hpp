// Everybody that the agency exchanges MEs with, in one: a neighbour, and the engine with its files. It keeps the stream
// of the last ME that it was sent, and sends it again under another instance id.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "so3/agency/transfer/message.hpp"
#include "tests/bench/agency/engine_end.hpp"
#include "tests/bench/agency/waiting_bell.hpp"

namespace bench {

class Neighbour final : private EngineEnd::Relay, private agency::Doorbell {
 public:
  static constexpr std::uint32_t number = 1;

  Neighbour(EngineEnd& engine, agency::Doorbells& bells) : Doorbell{bells}, engine_{engine}, over_{bells} {
    engine_.relay_to(*this);
  }

  // Becomes one that can be reached. False, with a line on the console, if the agency does not want it.
  agency::Task<bool> link_up();
  std::size_t kept() const { return stream_.size(); }

  struct Sent {
    std::uint32_t slot;
    std::uint64_t begin;  // the counter when the agency was handed the first data
  };
  // No value, with a line on the console, if the agency does not take it.
  agency::Task<std::optional<Sent>> send(agency::transfer::Kind kind);

 private:
  // EngineEnd::Relay
  void message(std::uint32_t peer, std::string_view message) override;
  void changed(const abi::link::TransferChange& transfer) override;
  // agency::Doorbell: what is due to be handed over is.
  void answer() override;

  template <typename T>
  void say(const T& what);
  void pack();

  EngineEnd& engine_;
  WaitingBell over_;
  std::string due_;
  std::string stream_;
  std::vector<std::string> pieces_;  // of the stream, as frames that can be handed over
  agency::transfer::Offer offer_{};
  agency::transfer::Id id_{};  // of the transfer under way
  std::uint32_t to_ = number;  // who it is that speaks
  std::uint64_t next_instance_ = 0xbe'0000;
  std::uint64_t credit_ = 0, begin_ = 0;
  std::size_t sent_ = 0;  // pieces
  std::optional<std::uint32_t> arrived_;
  std::optional<std::string> refused_;
};

}  // namespace bench
