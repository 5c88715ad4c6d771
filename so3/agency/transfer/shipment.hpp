// One ME on its way to one or several peers, in lockstep: they all get the same stream, each as a transfer of its own.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "so3/agency/me/me.hpp"
#include "so3/agency/transfer/outgoing.hpp"
#include "so3/agency/transfer/peers.hpp"

namespace agency::transfer {

struct Route {
  Route(Peer& to, const Id& id, const Offer& offer, Time now) : peer{&to}, machine{to, id, offer, now} {
    ++peer->transfers;
  }
  ~Route() { --peer->transfers; }
  Route(const Route&) = delete;
  Route& operator=(const Route&) = delete;

  Peer* peer;
  Outgoing machine;
  std::uint32_t told = UINT32_MAX;  // the state that the engine was told last
};

struct Shipment {
  std::shared_ptr<Me> me;
  Kind kind;
  std::uint32_t key;  // of the loop: something about it changed
  std::vector<std::unique_ptr<Route>> routes{};
  std::size_t reserved = 0;  // routes that it may still get
  bool streaming = false;
  bool resuming = false;  // the ME itself, after its snapshot

  template <typename Condition>
  bool any(Condition condition) const {
    for (const auto& route : routes)
      if (condition(route->machine)) return true;
    return false;
  }
  bool under_way() const {
    return any([](const Outgoing& m) { return !m.done(); });
  }
  void cancel(const Refusal& why, Time now) {
    for (auto& route : routes) route->machine.cancel(why.status, why.text, now);
  }
  // Of the first that failed.
  abi::Status status() const;
  // "B refused it: no room; C died"
  std::string failures() const;
  // "a copy lives at B in slot 3, ..."
  std::string arrivals() const;
  bool arrived_anywhere() const {
    return any([](const Outgoing& m) { return m.done() && m.ended().how == Ended::How::arrived; });
  }
};

}  // namespace agency::transfer
