#include "so3/agency/me/cooperation.hpp"

#include <vector>

#include "so3/agency/text.hpp"

namespace agency {

using abi::State;
using abi::Status;

Task<Cooperation::Result> Cooperation::run(std::shared_ptr<Me> me) {
  struct Peer {
    std::uint32_t slot;
    std::uint64_t spid, spadcaps;
    bool willing;
  };
  std::vector<Peer> peers;
  const auto own = hypercall::domain_info(me->slot);
  if (own && own->cooperates) {
    for (const auto& [slot, resident] : residents_->all()) {
      if (resident == me || (resident->state != State::living && resident->state != State::dormant)) continue;
      const auto info = hypercall::domain_info(slot);
      if (info && (info->cooperates || info->spid == own->spid))
        peers.push_back({slot, info->spid, info->spadcaps, info->cooperates});
    }
  }
  constexpr std::uint64_t role = static_cast<std::uint64_t>(abi::Role::initiator);
  const bool alone = peers.empty();
  if (alone) peers.push_back({});
  for (const auto& peer : peers) {
    if (!alone && residents_->find(peer.slot) == nullptr) continue;
    const hypercall::Payload payload{role | std::uint64_t{alone} << 32, peer.slot | std::uint64_t{peer.willing} << 32,
                                     peer.spid, peer.spadcaps};
    const auto detail = static_cast<std::uint32_t>(role) | std::uint32_t{alone} << 8;
    const auto answer = co_await domcalls_->run(me, abi::Domcall::cooperate, payload, detail);
    if (!answer) co_return refuse(Status::bad_state, "the ME: " + answer.error());
    if (answer->value != 0)
      world_.report.say(
          text("ME %u (%s): cb_cooperate returned %d", me->slot, me->name.c_str(), static_cast<int>(answer->value)));
    if (me->state == State::killed)
      co_return refuse(Status::bad_state, "the ME declined: cb_cooperate set ME_state_killed");
    if (me->state == State::terminated)
      co_return refuse(Status::bad_state, "the ME declined: cb_cooperate set ME_state_terminated");
    if (me->state == State::dormant) break;
  }
  co_return Done{};
}

}  // namespace agency
