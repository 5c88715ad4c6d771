// What the engine asks for about neighbours and MEs that go there (abi/link.hpp).
#include "so3/agency/agency.hpp"
#include "so3/agency/text.hpp"

namespace agency {

using abi::Status;
using abi::link::Type;

bool Agency::transfer_request(const Request& request) {
  const auto done = [&](const std::expected<void, Refusal>& result) {
    if (result) return link_.reply(request.id, Status::ok);
    link_.reply(request.id, result.error().status, 0, result.error().text);
  };
  switch (request.type) {
    case Type::peer: transfers_.frame(request.payload); return true;
    case Type::peer_up: done(transfers_.peer_up(request.as<abi::link::PeerUp>())); return true;
    case Type::peer_down: done(transfers_.peer_down(request.as<abi::link::PeerDown>())); return true;
    case Type::period:
      propagation_.period(request.as<abi::link::Period>().ms);
      done({});
      return true;
    case Type::propagate:
      spawn(propagating(link_.session(), request.id, request.as<abi::link::Propagate>()));
      return true;
    case Type::migrate: spawn(migrating(link_.session(), request.id, request.as<abi::link::Propagate>())); return true;
    case Type::save: spawn(saving(link_.session(), request.id, request.as<abi::link::Slot>().slot)); return true;
    default: return false;
  }
}

Task<Done> Agency::propagating(std::uint32_t session, std::uint32_t id, abi::link::Propagate what) {
  transfer::Transfers::Answer result;
  const auto me = residents_.find(what.slot);
  std::vector<std::uint32_t> to;
  if (what.peer == abi::link::peers_all)
    for (const auto* peer : transfers_.neighbours()) to.push_back(peer->number());
  else to.push_back(what.peer);
  const auto known = what.peer == abi::link::peers_all ? std::expected<transfer::Peer*, Refusal>{nullptr}
                                                       : transfers_.neighbour(what.peer);
  if (!me) result = std::unexpected{empty(what.slot)};
  else if (!known) result = std::unexpected{known.error()};
  else result = co_await transfers_.propagate(me, std::move(to));
  answer(session, id, result);
  co_return Done{};
}

Task<Done> Agency::migrating(std::uint32_t session, std::uint32_t id, abi::link::Propagate what) {
  Injector::Result result;
  const auto me = residents_.find(what.slot);
  const auto peer = transfers_.neighbour(what.peer);
  if (!me) result = std::unexpected{empty(what.slot)};
  else if (!peer) result = std::unexpected{peer.error()};
  else result = co_await transfers_.migrate(me, **peer);
  answer(session, id, result);
  co_return Done{};
}

Task<Done> Agency::saving(std::uint32_t session, std::uint32_t id, std::uint32_t slot) {
  transfer::Transfers::Answer result;
  const auto me = residents_.find(slot);
  if (!me) result = std::unexpected{empty(slot)};
  else result = co_await transfers_.save(me);
  answer(session, id, result);
  co_return Done{};
}

}  // namespace agency
