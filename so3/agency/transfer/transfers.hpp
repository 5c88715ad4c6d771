// All transfers of this smart object, both ways, and the neighbours they go to and come from.
#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "so3/agency/link/link.hpp"
#include "so3/agency/me/agency_ctl.hpp"
#include "so3/agency/me/life.hpp"
#include "so3/agency/transfer/arrival.hpp"
#include "so3/agency/transfer/peers.hpp"
#include "so3/agency/transfer/shipment.hpp"
#include "so3/agency/transfer/stream.hpp"

namespace agency::transfer {

class Transfers final : private Peers::Listener, private Carrier {
 public:
  // So many at once each way, of which so many with one peer: each costs memory and, incoming, a slot.
  static constexpr std::size_t outgoing_max = 32, incoming_max = 16, incoming_per_peer = 4;

  Transfers(const World& world, Residents& residents, Life& life, Link& link, const Place& place, std::uint32_t cpus);
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  // ---- from the engine
  void link_opened() { peers_.link_opened(); }
  void link_closed() { peers_.link_closed(); }
  void link_drained();
  [[nodiscard]] std::expected<void, Refusal> peer_up(const abi::link::PeerUp& peer);
  [[nodiscard]] std::expected<void, Refusal> peer_down(const abi::link::PeerDown& peer) { return peers_.down(peer); }
  // A link::Peer and a message of it. Whatever is in it costs that peer a transfer at most.
  void frame(std::string_view payload);
  void wall_clock(std::uint64_t at_zero_ns) { wall_clock_ns_ = at_zero_ns; }

  // ---- MEs that leave. A sentence about how it went.
  using Answer = std::expected<std::string, Refusal>;

  // cb_pre_propagate, and if the ME says YES a copy to each of the peers with these numbers. Refused: nothing was sent, or no copy arrived.
  Task<Answer> propagate(std::shared_ptr<Me> me, std::vector<std::uint32_t> numbers);
  // The ME is destroyed here once it lives there. Refused: it lives on here.
  Task<std::expected<std::uint32_t, Refusal>> migrate(std::shared_ptr<Me> me, Peer& peer);  // -> slot over there
  // To the engine.
  Task<Answer> save(std::shared_ptr<Me> me);

  // not_found: no such neighbour, or it cannot be reached.
  std::expected<Peer*, Refusal> neighbour(std::uint32_t number) const;
  std::vector<Peer*> neighbours() const { return peers_.neighbours(); }
  // Somebody copies it at this moment.
  bool is_under_way(const Me& me) const { return of(me) != nullptr; }
  // Whether another shipment to so many peers may begin.
  bool room_for(std::size_t peers) const;
  // Told when the first neighbour came, or the last one went.
  void when_neighbours_change(std::function<void()> changed) { neighbours_changed_ = std::move(changed); }

 private:
  void peer_up(Peer& peer) override;
  void peer_down(Peer& peer) override;
  void peer_lost(Peer& peer) override;
  void carry(std::uint32_t peer, std::string_view message) override;

  // ---- messages
  struct Coming {
    Peer* from;
    std::shared_ptr<Arrival> arrival;
    std::uint32_t told = UINT32_MAX;
  };
  void message(Peer& from, const Message& message);
  void garbage(Peer& from, const Message::Garbage& garbage);
  void complain(Peer& about, const std::string& what);
  void stranger(Peer& from, const Message& message);
  bool repeat(Peer& from, const Message& message);
  void offered(Peer& from, const Id& id, const Offer& offer);
  std::expected<void, Refusal> acceptable(const Peer& from, const Id& id, const Offer& offer) const;
  Task<Done> watch(Id id);  // an incoming one
  void follow(Id id);
  std::pair<std::shared_ptr<Shipment>, Route*> route(const Peer& peer, const Id& id) const;

  // ---- shipments
  std::expected<std::shared_ptr<Shipment>, Refusal> begin(const std::shared_ptr<Me>& me, Kind kind, std::size_t peers);
  Shipment* of(const Me& me) const;
  Task<std::expected<Done, Refusal>> offer(std::shared_ptr<Shipment> shipment, std::vector<Peer*> to);
  Task<Done> keep_in_touch(std::shared_ptr<Shipment> shipment);
  Task<Done> send(std::shared_ptr<Shipment> shipment, Frozen frozen);
  Task<Done> settle(std::shared_ptr<Shipment> shipment);
  Task<std::expected<Done, Refusal>> copy(std::shared_ptr<Shipment> shipment, const abi::Sequence& sequence,
                                          std::size_t done);
  void changed(Shipment& shipment);
  void end(const std::shared_ptr<Shipment>& shipment);
  void tell(Route& route, const Me& me);
  void tell(Coming& coming);

  World world_;
  Residents* residents_;
  Life* life_;
  Link* link_;
  const Place* place_;
  std::uint32_t cpus_;
  std::uint64_t wall_clock_ns_ = 0;
  Peers peers_;
  Departures departures_;
  std::function<void()> neighbours_changed_ = [] {};
  std::vector<std::shared_ptr<Shipment>> shipments_;
  std::map<Id, Coming> coming_;
  static constexpr std::uint32_t first_key = 0x8000'0000;  // of the loop's keys those that are no slot
  std::uint32_t next_key_ = first_key;
  bool link_full_ = false;
};

}  // namespace agency::transfer
