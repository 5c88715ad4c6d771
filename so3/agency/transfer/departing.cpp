// MEs that leave: copies, moves and snapshots for files.
#include "so3/agency/transfer/transfers.hpp"

#include <algorithm>

#include "so3/abi/version.hpp"
#include "so3/agency/text.hpp"

namespace agency::transfer {

using abi::State;
using abi::Status;
using abi::transfer::Sender;

namespace {

using Result = std::expected<Done, Refusal>;

// What waits for the engine already, of which the link has a limit.
constexpr std::size_t link_queue_max = 256 * 1024;

// Its vCPU waits until more of its snapshot has been read. One that moves has nothing to do meanwhile.
bool is_held_up(const Shipment& shipment) {
  if (shipment.kind == Kind::move || shipment.me->gone) return false;
  const auto info = hypercall::domain_info(shipment.me->slot);
  return info && info->waits_for_reader;
}

std::unexpected<Refusal> too_slow(const Me& me) {
  static_assert(held_up_max == 2'000 * ms);
  return refuse(Status::busy,
                text("ME %u (%s) waited 2 s in all because its snapshot is not read as fast as it writes: "
                     "it goes on without one",
                     me.slot, me.name.c_str()));
}

}  // namespace

bool Transfers::room_for(std::size_t peers) const {
  std::size_t routes = 0;
  for (const auto& shipment : shipments_) routes += shipment->routes.size() + shipment->reserved;
  return routes + peers <= outgoing_max;
}

Shipment* Transfers::of(const Me& me) const {
  for (const auto& shipment : shipments_)
    if (shipment->me.get() == &me) return shipment.get();
  return nullptr;
}

std::expected<std::shared_ptr<Shipment>, Refusal> Transfers::begin(const std::shared_ptr<Me>& me, Kind kind,
                                                                   std::size_t peers) {
  residents_->follow_changes();
  if (me->gone) return refuse(Status::not_found, "the ME " + me->end);
  if (me->driven) return std::unexpected{busy(*me)};
  if (of(*me) != nullptr)
    return refuse(Status::busy,
                  text("ME %u (%s) is being copied already: wait until that is over", me->slot, me->name.c_str()));
  if (me->state != State::living && me->state != State::dormant)
    return refuse(Status::bad_state, text("ME %u (%s) is in %.*s: only one that lives or rests can go elsewhere",
                                          me->slot, me->name.c_str(), AGENCY_SV(abi::name(me->state))));
  if (!room_for(peers))
    return refuse(Status::busy, text("%zu transfers at once are the most: wait for one to end", outgoing_max));
  if (kind == Kind::move)
    for (const auto& [id, coming] : coming_)
      if (id.instance == me->instance_id)
        return refuse(Status::busy,
                      text("%s has not confirmed yet that ME %u (%s) lives here now: it moves on when %s "
                           "can be reached",
                           coming.from->name().c_str(), me->slot, me->name.c_str(), coming.from->name().c_str()));
  auto shipment = std::make_shared<Shipment>(Shipment{me, kind, next_key_++});
  shipment->reserved = peers;
  if (next_key_ == UINT32_MAX) next_key_ = first_key;
  shipments_.push_back(shipment);
  me->driven = true;
  return shipment;
}

void Transfers::end(const std::shared_ptr<Shipment>& shipment) {
  if (shipment->under_way() || shipment->streaming) return;
  std::erase(shipments_, shipment);
}

void Transfers::changed(Shipment& shipment) {
  for (auto& route : shipment.routes) tell(*route, *shipment.me);
  world_.loop.notify(shipment.key);
}

void Transfers::tell(Route& route, const Me& me) {
  const auto state = static_cast<std::uint32_t>(route.machine.state());
  if (std::exchange(route.told, state) == state) return;
  const bool done = route.machine.done();
  const abi::link::TransferChange change{
      .instance_id = route.machine.id().instance,
      .epoch = route.machine.id().epoch,
      .peer = route.peer->number(),
      .slot = me.slot,
      .kind = static_cast<std::uint32_t>(route.machine.kind()),
      .incoming = 0,
      .state = state,
      .status = static_cast<std::int32_t>(done ? route.machine.ended().status : Status::ok)};
  world_.report.transfer(change);
}

void Transfers::link_drained() {
  if (!std::exchange(link_full_, false)) return;
  for (const auto& shipment : shipments_) world_.loop.notify(shipment->key);
}

// For as long as a peer has something to do: whoever is silent is noticed, and hears of us.
Task<Done> Transfers::keep_in_touch(std::shared_ptr<Shipment> shipment) {
  while (shipment->under_way()) {
    const auto now = world_.loop.now();
    if (shipment->me->gone)
      shipment->cancel({Status::bad_state, "was not told more: the ME " + shipment->me->end}, now);
    for (auto& route : shipment->routes) route->machine.tick(now);
    changed(*shipment);
    auto deadline = now + word_period;
    for (const auto& route : shipment->routes)
      deadline = std::min(deadline, std::max(now + 1, route->machine.deadline().value_or(deadline)));
    co_await world_.loop.until(deadline);
  }
  end(shipment);
  co_return Done{};
}

// Until each peer has answered. Refused: nobody takes it.
Task<Result> Transfers::offer(std::shared_ptr<Shipment> shipment, std::vector<Peer*> to) {
  const auto& me = *shipment->me;
  const auto info = hypercall::domain_info(me.slot);
  if (!info) co_return refuse(info.error(), "the ME is gone");
  const Offer what{shipment->kind, abi::version, info->spid, info->ram_bytes, place_->uid, me.name};
  for (auto* const peer : to) {
    const Id id = shipment->kind == Kind::move ? Id{me.instance_id, me.epoch + 1} : Id{residents_->new_instance(), 0};
    shipment->routes.push_back(std::make_unique<Route>(*peer, id, what, world_.loop.now()));
    if (!peer->up()) shipment->routes.back()->machine.peer_down(world_.loop.now());
  }
  shipment->reserved = 0;
  spawn(keep_in_touch(shipment));
  while (shipment->any([](const Outgoing& m) { return m.state() == Sender::offered; }))
    co_await world_.loop.change(shipment->key, world_.loop.now() + word_period);
  if (shipment->under_way()) co_return Result{Done{}};
  co_return refuse(shipment->status(), shipment->failures());
}

// The stream to all that still take it, as fast as the slowest of them.
Task<Done> Transfers::send(std::shared_ptr<Shipment> shipment, Frozen frozen) {
  shipment->streaming = true;
  {
    const auto clock = wall_clock_ns_ != 0 ? wall_clock_ns_ + world_.loop.now() : 0;
    Stream stream{std::move(frozen), *place_, clock};
    auto made = stream.begin(world_.store);
    for (const auto until = world_.loop.now() + resuming_max; shipment->resuming && world_.loop.now() < until;)
      co_await world_.loop.change(shipment->key, until);
    Time held_up = 0;
    for (bool over = false; made && !over;) {
      std::size_t room = SIZE_MAX, takers = 0;
      for (const auto& route : shipment->routes) {
        if (route->machine.state() != Sender::sending) continue;
        ++takers;
        room = std::min(room, route->machine.room());
      }
      if (takers == 0) break;  // nobody takes it any more
      room = std::min(room, link_queue_max / takers);
      link_full_ |= link_->queued() > link_queue_max;
      if (room == 0 || link_full_) {
        const auto from = world_.loop.now();
        const bool waits = is_held_up(*shipment);
        co_await world_.loop.change(shipment->key, from + held_up_step);
        link_full_ &= link_->queued() > link_queue_max;
        if (waits) held_up += world_.loop.now() - from;
        if (held_up >= held_up_max) made = too_slow(*shipment->me);
        continue;
      }
      if (stream.bytes().size() < room) made = stream.fill(abi::transfer::data_max);
      if (!made) break;
      const auto piece = stream.bytes().substr(0, room);
      over = stream.ended() && piece.size() == stream.bytes().size();
      for (const auto& route : shipment->routes) route->machine.send(piece, over, world_.loop.now());
      stream.take(piece.size());
      co_await world_.loop.until(world_.loop.now());  // others have their turn
    }
    if (!made) {
      world_.report.say(made.error().text);
      shipment->cancel({made.error().status, "was not sent all of it: " + made.error().text}, world_.loop.now());
    }
  }
  shipment->streaming = false;
  changed(*shipment);
  end(shipment);
  co_return Done{};
}

Task<Done> Transfers::settle(std::shared_ptr<Shipment> shipment) {
  while (shipment->under_way() || shipment->streaming)
    co_await world_.loop.change(shipment->key, world_.loop.now() + word_period);
  end(shipment);
  co_return Done{};
}

// The rest of a sequence, from after its first `done` steps, with a snapshot for everybody in the middle. The ME is let
// go; the copy may still be under way then.
Task<Result> Transfers::copy(std::shared_ptr<Shipment> shipment, const abi::Sequence& sequence, std::size_t done) {
  const auto me = shipment->me;
  auto result = co_await life_->run(me, abi::before_snapshot(sequence).subspan(done));
  if (result) {
    auto frozen = co_await Frozen::take(world_.loop, me);
    shipment->resuming = true;
    if (frozen) spawn(send(shipment, std::move(*frozen)));
    else result = std::unexpected{frozen.error()};
    // Whatever became of the snapshot, the ME goes on.
    Result resumed = Done{};
    if (!me->gone) resumed = co_await life_->run(me, abi::after_snapshot(sequence));  // in a ?: GCC 12 frees it twice
    shipment->resuming = false;
    if (!resumed)
      world_.report.say(
          text("ME %u (%s) after its snapshot: %s", me->slot, me->name.c_str(), resumed.error().text.c_str()));
  }
  if (!result) shipment->cancel({result.error().status, "was not sent it: " + result.error().text}, world_.loop.now());
  changed(*shipment);
  residents_->let_go(me);
  co_return result;
}

Task<Transfers::Answer> Transfers::propagate(std::shared_ptr<Me> me, std::vector<std::uint32_t> numbers) {
  if (numbers.empty())
    co_return refuse(Status::not_found, "this smart object has no neighbours that can be reached: `me link` one first");
  const auto begun = begin(me, Kind::copy, numbers.size());
  if (!begun) co_return std::unexpected{begun.error()};
  const auto shipment = *begun;
  me->doing = abi::sequence::resident.name;
  auto result = co_await life_->run(me, abi::sequence::resident.steps.first(1));
  if (result) {
    std::vector<Peer*> to;
    for (const auto number : numbers)
      if (auto* const peer = peers_.find(number)) to.push_back(peer);
    if (to.empty()) result = refuse(Status::not_found, "no neighbour can be reached any more");
    else result = co_await offer(shipment, std::move(to));
  }
  if (!result) {
    end(shipment);
    residents_->let_go(me);
    co_return std::unexpected{result.error()};
  }
  result = co_await copy(shipment, abi::sequence::resident, 1);
  co_await settle(shipment);
  const auto failures = shipment->failures();
  if (!shipment->arrived_anywhere()) co_return refuse(result ? shipment->status() : result.error().status, failures);
  co_return text("a copy of ME %u (%s) lives at %s%s%s", me->slot, me->name.c_str(), shipment->arrivals().c_str(),
                 failures.empty() ? "" : "; ", failures.c_str());
}

Task<Transfers::Answer> Transfers::save(std::shared_ptr<Me> me) {
  auto* const engine = peers_.find(abi::link::peer_engine);
  if (engine == nullptr) co_return refuse(Status::not_found, "the engine is not there");
  const auto begun = begin(me, Kind::save, 1);
  if (!begun) co_return std::unexpected{begun.error()};
  const auto shipment = *begun;
  me->doing = abi::sequence::saving.name;
  std::vector<Peer*> to{engine};
  auto result = co_await offer(shipment, std::move(to));
  if (!result) {
    end(shipment);
    residents_->let_go(me);
    co_return std::unexpected{result.error()};
  }
  result = co_await copy(shipment, abi::sequence::saving, 0);
  co_await settle(shipment);
  if (!shipment->arrived_anywhere())
    co_return refuse(result ? shipment->status() : result.error().status, shipment->failures());
  co_return text("a snapshot of ME %u (%s) was taken", me->slot, me->name.c_str());
}

Task<std::expected<std::uint32_t, Refusal>> Transfers::migrate(std::shared_ptr<Me> me, Peer& peer) {
  const auto begun = begin(me, Kind::move, 1);
  if (!begun) co_return std::unexpected{begun.error()};
  const auto shipment = *begun;
  me->doing = "migration";
  std::vector<Peer*> to{&peer};
  const auto offered = co_await offer(shipment, std::move(to));
  const auto id = shipment->routes.empty() ? Id{} : shipment->routes[0]->machine.id();
  me->epoch = std::max(me->epoch, id.epoch);  // no later attempt has it again
  if (!offered) {
    end(shipment);
    residents_->let_go(me);
    co_return std::unexpected{offered.error()};
  }
  auto result = co_await life_->run(me, abi::before_snapshot(abi::sequence::saving));
  const bool suspended = result.has_value();
  if (result) {
    auto frozen = co_await Frozen::take(world_.loop, me);
    if (frozen) co_await send(shipment, std::move(*frozen));
    else result = std::unexpected{frozen.error()};
  }
  if (!result) shipment->cancel({result.error().status, "was not sent it: " + result.error().text}, world_.loop.now());
  co_await settle(shipment);
  const auto& ended = shipment->routes[0]->machine.ended();
  if (ended.how == Ended::How::arrived) {
    departures_.remember(id);
    residents_->reap(me, text("moved to %s, slot %u", peer.name().c_str(), ended.slot));
    co_return ended.slot;
  }
  if (suspended && !me->gone) {
    const auto resumed = co_await life_->run(me, abi::after_snapshot(abi::sequence::saving));
    if (!resumed)
      world_.report.say(
          text("ME %u (%s) after it could not move: %s", me->slot, me->name.c_str(), resumed.error().text.c_str()));
  }
  const auto why = result ? shipment->failures() : result.error().text;
  if (me->gone)
    co_return refuse(ended.status, text("%s; ME %u (%s) %s", why.c_str(), me->slot, me->name.c_str(), me->end.c_str()));
  residents_->let_go(me);
  co_return refuse(ended.status,
                   result ? text("%s; ME %u (%s) lives on here", why.c_str(), me->slot, me->name.c_str()) : why);
}

}  // namespace agency::transfer
