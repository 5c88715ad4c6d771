#include "so3/agency/me/life.hpp"

#include "so3/agency/text.hpp"

namespace agency {
namespace {

using abi::State;
using abi::Status;
using abi::Step;
using Result = Life::Result;

bool rests(const Me& me) { return me.state == State::dormant; }

bool lived_here(const Me& me) { return me.attached == Attached::activated || me.attached == Attached::suspended; }

// What a sequence does not do with an ME that rests.
bool left_out(const Me& me, Step step) {
  if (!rests(me) || step == Step::pre_propagate) return false;
  return step != Step::suspend || me.attached != Attached::activated;
}

bool is_before_snapshot(Step step) {
  return step == Step::pre_propagate || step == Step::pre_suspend || step == Step::suspend;
}

// It is on its way into life: what goes wrong then refuses it. One that went to rest on that way never connected either,
// but it is here, and may say NO.
bool comes(const Me& me, Step step) { return !lived_here(me) && !is_before_snapshot(step); }

// A domcall that it has not had when it went to rest, it never has.
bool is_owed(const Me& me, Step step) {
  return !lived_here(me) && me.owed.empty() && step != Step::pre_activate && step != Step::cooperate &&
         !is_before_snapshot(step);
}

}  // namespace

Life::Life(const World& world, Residents& residents, Domcalls& domcalls, Cooperation& cooperation)
    : world_{world},
      residents_{&residents},
      domcalls_{&domcalls},
      cooperation_{&cooperation},
      dc_events_{world, residents} {
  residents.when_unsettled([this](const std::shared_ptr<Me>& me) { spawn(settle(me)); });
}

Task<Result> Life::run(std::shared_ptr<Me> me, std::span<const Step> steps) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (left_out(*me, steps[i])) {
      if (is_owed(*me, steps[i])) me->owed = steps.subspan(i);
      continue;
    }
    me->doing = abi::name(steps[i]);
    Result done = co_await step(me, steps[i]);
    if (done && steps[i] != Step::living) done = ended(*me, steps[i]);  // what comes after living is no failure to live
    if (!done) {
      fail(me, steps[i], done.error());
      co_return done;
    }
  }
  co_return Result{Done{}};
}

Task<Result> Life::step(std::shared_ptr<Me> me, Step step) {
  switch (step) {
    case Step::pre_propagate: return pre_propagate(std::move(me));
    case Step::pre_activate: return pre_activate(std::move(me));
    case Step::cooperate: return cooperation_->run(std::move(me));
    case Step::pre_suspend: return pre_suspend(std::move(me));
    case Step::suspend: return suspend(std::move(me));
    case Step::pre_resume: return pre_resume(std::move(me));
    case Step::resume: return resume(std::move(me));
    case Step::post_activate: return post_activate(std::move(me));
    case Step::activate: return activate(std::move(me));
    case Step::living: return live(std::move(me));
    case Step::snapshot: break;  // the caller's
  }
  return no_step(step);
}

// By its own wish, or whatever happened to it in the step.
Result Life::ended(Me& me, Step step) const {
  if (me.gone)
    return refuse(Status::bad_state,
                  text("the ME %s during %.*s; the console says more", me.end.c_str(), AGENCY_SV(abi::name(step))));
  if (me.state != State::killed && me.state != State::terminated) return Done{};
  return refuse(Status::bad_state, text("the ME %s: %.*s set %.*s", comes(me, step) ? "declined" : "ended",
                                        AGENCY_SV(abi::name(step)), AGENCY_SV(abi::name(me.state))));
}

void Life::fail(const std::shared_ptr<Me>& me, Step step, const Refusal& why) {
  if (me->gone) return;
  if (comes(*me, step)) return residents_->reap(me, "was refused: " + why.text);
  if (me->state == State::killed) return residents_->reap(me, "killed itself");
  const bool lives = rests(*me) || me->state == State::living || me->state == State::terminated;
  if (!lives || !is_before_snapshot(step)) residents_->reap(me, "was destroyed: " + why.text);
}

Task<Done> Life::settle(std::shared_ptr<Me> me) {
  me->driven = true;
  if (rests(*me)) co_await rest(me);
  else co_await wake(me);
  residents_->let_go(me);
  co_return Done{};
}

Task<Done> Life::rest(std::shared_ptr<Me> me) {
  const auto rested = co_await run(me, abi::sequence::rest.steps);
  if (!rested && !me->gone)
    world_.report.say(text("ME %u (%s) went to rest: %s", me->slot, me->name.c_str(), rested.error().text.c_str()));
  // It woke on the way.
  static constexpr Step back[] = {Step::resume, Step::living};
  if (me->state == State::suspended) co_await run(me, back);
  // While it has not answered it goes on; and once it has, it is here again.
  if (!me->gone && rests(*me) && !me->paused && me->unanswered == abi::DcEvent::none) co_await pause(me);
  co_return Done{};
}

Task<Result> Life::wake(std::shared_ptr<Me> me) {
  const auto owed = std::exchange(me->owed, {});
  co_return co_await run(me, owed.empty() ? abi::sequence::wake.steps : owed);
}

}  // namespace agency
