#include "so3/agency/me/ending.hpp"

#include "so3/agency/text.hpp"

namespace agency {
namespace {

using abi::State;
using abi::Status;

// Closing gets at least this, even if the callback used up the grace time.
constexpr std::uint64_t closing_min = 100 * ms;
// The same for an ME that terminated itself: nobody gave it a time.
constexpr std::uint64_t closing_unasked = 1000 * ms;

}  // namespace

Ending::Ending(const World& world, Residents& residents)
    : world_{world}, residents_{&residents}, dc_events_{world, residents} {
  residents.when_terminated(
      [this](const std::shared_ptr<Me>& me) { spawn(close(me, world_.loop.now() + closing_unasked)); });
}

// What follows `terminated`: its frontends close in order, then nothing of it remains.
Task<Done> Ending::close(std::shared_ptr<Me> me, std::uint64_t deadline) {
  me->driven = true;
  me->doing = abi::name(abi::DcEvent::close);
  if (me->attached != Attached::activated) {  // its frontends are quiet, and what they had was taken over
    residents_->reap(me, "terminated");
    co_return Done{};
  }
  const bool closed = (co_await dc_events_.run(me, {abi::DcEvent::close, deadline})).has_value();
  if (!me->gone) residents_->reap(me, closed ? "terminated" : "terminated, but did not close its frontends in time");
  co_return Done{};
}

Task<Ending::Result> Ending::stop(std::uint32_t slot, std::uint64_t grace_ns) {
  const auto me = residents_->find(slot);
  if (!me) co_return Result{std::unexpected{empty(slot)}};
  if (me->driven) co_return Result{std::unexpected{busy(*me)}};
  if (me->state != State::living) {
    residents_->reap(me, text("was destroyed in %.*s: its vCPU is stopped, and cb_force_terminate cannot be asked",
                              AGENCY_SV(abi::name(me->state))));
    co_return Result{me->end};
  }
  me->driven = true;
  me->doing = abi::name(abi::DcEvent::force_terminate);
  const auto deadline = world_.loop.now() + grace_ns;
  const bool answered = (co_await dc_events_.run(me, {abi::DcEvent::force_terminate, deadline})).has_value();
  if (answered && me->state == State::terminated) {
    const auto closing = world_.loop.now() + closing_min;
    co_await close(me, closing > deadline ? closing : deadline);
    co_return Result{me->end};
  }
  // It refused. It may still end by itself until the grace time is over; at rest it cannot, and has nobody to stop it.
  while (answered && !me->gone && me->state != State::dormant && world_.loop.now() < deadline)
    co_await world_.loop.change(slot, deadline);
  if (!me->gone)
    residents_->reap(
        me, answered ? text("refused to terminate (%.*s) and was destroyed", AGENCY_SV(abi::name(me->state)))
                     : text("did not answer %.*s in time and was destroyed", AGENCY_SV(abi::name(me->unanswered))));
  co_return Result{me->end};
}

Ending::Result Ending::kill(std::uint32_t slot) {
  const auto me = residents_->find(slot);
  if (!me) return std::unexpected{empty(slot)};
  residents_->reap(me, "was destroyed on request");
  return me->end;
}

}  // namespace agency
