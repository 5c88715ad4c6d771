#include "so3/agency/me/life.hpp"

#include "so3/agency/text.hpp"

namespace agency {
namespace {

using abi::State;
using abi::Status;
using abi::Step;
using Result = Life::Result;

constexpr std::uint64_t connecting_max = 10'000 * ms;

bool rests(const Me& me) { return me.state == State::dormant; }

// It ended in the step, by its own wish.
std::unexpected<Refusal> declined(const Me& me, Step step) {
  return refuse(Status::bad_state,
                text("the ME declined: %.*s set %.*s", AGENCY_SV(abi::name(step)), AGENCY_SV(abi::name(me.state))));
}

}  // namespace

Task<Result> Life::run(std::shared_ptr<Me> me, std::span<const Step> steps) {
  for (const Step next : steps) {
    if (rests(*me)) break;
    Result done = co_await step(me, next);
    if (done && (me->state == State::killed || me->state == State::terminated)) done = declined(*me, next);
    if (!done) {
      residents_->reap(me, "was refused: " + done.error().text);
      co_return done;
    }
  }
  co_return Result{Done{}};
}

Task<Result> Life::step(std::shared_ptr<Me> me, Step step) {
  switch (step) {
    case Step::pre_activate: return pre_activate(std::move(me));
    case Step::cooperate: return cooperation_->run(std::move(me));
    case Step::activate: return activate(std::move(me));
    case Step::living: return live(std::move(me));
    default: return no_step(step);
  }
}

Task<Result> Life::pre_activate(std::shared_ptr<Me> me) {
  const auto answer = co_await domcalls_->run(me, abi::Domcall::pre_activate);
  if (!answer) co_return refuse(Status::bad_state, "the ME: " + answer.error());
  if (me->state == State::killed) co_return declined(*me, Step::pre_activate);
  if (answer->value != 0)
    co_return refuse(Status::bad_state,
                     text("the ME declined: cb_pre_activate returned %d", static_cast<int>(answer->value)));
  co_return Done{};
}

// The ME writes its identity and connects its frontends.
Task<Result> Life::activate(std::shared_ptr<Me> me) {
  const auto answer = co_await dc_events_.run(
      me, {.event = abi::DcEvent::activate, .deadline = world_.loop.now() + connecting_max, .connects = true});
  if (!answer && answer.error().status == Status::busy)
    co_return refuse(Status::busy, "the ME did not connect its frontends within 10 s");
  if (!answer) co_return Result{std::unexpected{answer.error()}};
  if (*answer == 0) co_return Result{Done{}};
  const auto error = world_.bus.error(me->slot);
  co_return refuse(Status::bad_state, error ? "the frontend " + *error
                                            : text("the ME could not be activated (%d); the console says more",
                                                   static_cast<int>(*answer)));
}

Task<Result> Life::live(std::shared_ptr<Me> me) {
  const auto set = hypercall::domain_set_state(me->slot, me->state, State::living);
  residents_->look(me);
  if (me->gone) co_return refuse(Status::bad_state, text("the ME %s; the console says more", me->end.c_str()));
  if (!set && !rests(*me))
    co_return refuse(set.error(), text("the ME is in %.*s and cannot live", AGENCY_SV(abi::name(me->state))));
  co_return Done{};
}

Task<Result> Life::no_step(Step step) {
  co_return refuse(Status::not_supported, text("%.*s is no step that is run here", AGENCY_SV(abi::name(step))));
}

}  // namespace agency
