#include <algorithm>

#include "so3/agency/me/life.hpp"
#include "so3/agency/me/stopping.hpp"
#include "so3/agency/text.hpp"

namespace agency {
namespace {

using abi::DcEvent;
using abi::State;
using abi::Status;
using abi::Step;
using Result = Life::Result;

constexpr std::uint64_t propagate_yes = 1;  // of the published interface

unsigned long long milliseconds(std::uint64_t ns) { return ns / ms; }

std::unexpected<Refusal> passed_on(Refusal& why) { return std::unexpected{std::move(why)}; }

Refusal bad_value(const Me& me, DcEvent event, std::int32_t value) {
  return {Status::bad_state, text("%.*s of ME %u (%s) returned %d; the console says more", AGENCY_SV(abi::name(event)),
                                  me.slot, me.name.c_str(), static_cast<int>(value))};
}

}  // namespace

Task<Result> Life::pre_propagate(std::shared_ptr<Me> me) {
  const auto answer = co_await domcalls_->run(me, abi::Domcall::pre_propagate);
  if (!answer) co_return refuse(Status::bad_state, text("ME %u: %s", me->slot, answer.error().c_str()));
  if (me->state == State::killed || me->state == State::terminated) co_return Done{};
  if (answer->value != 0 || answer->payload[1] != propagate_yes)
    co_return refuse(Status::denied,
                     text("ME %u (%s) does not want to: cb_pre_propagate answered NO", me->slot, me->name.c_str()));
  // It may have woken itself in it.
  if (me->state == State::living && me->attached != Attached::activated) co_return co_await wake(me);
  co_return Done{};
}

Task<Result> Life::pre_activate(std::shared_ptr<Me> me) {
  const auto answer = co_await domcalls_->run(me, abi::Domcall::pre_activate);
  if (!answer) co_return refuse(Status::bad_state, "the ME: " + answer.error());
  if (answer->value != 0 && me->state != State::killed)
    co_return refuse(Status::bad_state,
                     text("the ME declined: cb_pre_activate returned %d", static_cast<int>(answer->value)));
  co_return Done{};
}

Task<Result> Life::pre_suspend(std::shared_ptr<Me> me) {
  auto answer = co_await ask(me, DcEvent::pre_suspend);
  if (!answer) co_return passed_on(answer.error());
  if (*answer == 0) co_return Done{};
  co_return refuse(Status::denied, text("ME %u (%s) does not want to: cb_pre_suspend returned %d", me->slot,
                                        me->name.c_str(), static_cast<int>(*answer)));
}

Task<Result> Life::suspend(std::shared_ptr<Me> me) {
  me->attached = Attached::suspended;
  world_.bus.suspend(me->slot);
  if (auto quiet = co_await frontends_settle(me, Step::suspend); !quiet) co_return quiet;
  auto answer = co_await ask(me, DcEvent::suspend);
  if (!answer) co_return passed_on(answer.error());
  if (*answer != 0) co_return std::unexpected{bad_value(*me, DcEvent::suspend, *answer)};
  if (me->state == State::living) {
    const auto set = hypercall::domain_set_state(me->slot, State::living, State::suspended);
    residents_->look(me);
    if (me->gone || set) co_return Done{};
  }
  if (me->state == State::dormant) co_return co_await pause(me);
  if (me->state == State::killed || me->state == State::terminated) co_return Done{};
  co_return refuse(Status::bad_state, text("ME %u (%s) is in %.*s and cannot be suspended", me->slot, me->name.c_str(),
                                           AGENCY_SV(abi::name(me->state))));
}

Task<Result> Life::pre_resume(std::shared_ptr<Me> me) {
  auto answer = co_await ask(me, DcEvent::pre_resume);
  if (!answer) co_return passed_on(answer.error());
  if (*answer != 0)
    world_.report.say(
        text("ME %u (%s): cb_pre_resume returned %d", me->slot, me->name.c_str(), static_cast<int>(*answer)));
  co_return Done{};
}

Task<Result> Life::resume(std::shared_ptr<Me> me) {
  const bool new_place = me->attached == Attached::arrived;
  const auto at = new_place ? abi::ResumeAt::new_place : abi::ResumeAt::same_place;
  auto answer = co_await ask(me, DcEvent::resume, static_cast<std::uint32_t>(at), new_place);
  if (!answer) co_return passed_on(answer.error());
  if (*answer != 0) {
    const auto error = world_.bus.error(me->slot);
    co_return std::unexpected{error ? Refusal{Status::bad_state, "the frontend " + *error}
                                    : bad_value(*me, DcEvent::resume, *answer)};
  }
  world_.bus.resume(me->slot);
  if (auto connected = co_await frontends_settle(me, Step::resume); !connected) co_return connected;
  me->attached = Attached::activated;
  co_return Done{};
}

// All is up again: an ME that takes its time in here lives all the same.
Task<Result> Life::post_activate(std::shared_ptr<Me> me) {
  const auto answer = co_await ask(me, DcEvent::post_activate);
  if (me->gone) co_return Done{};
  if (!answer) world_.report.say(answer.error().text);
  else if (*answer != 0)
    world_.report.say(
        text("ME %u (%s): cb_post_activate returned %d", me->slot, me->name.c_str(), static_cast<int>(*answer)));
  co_return Done{};
}

// The ME writes its identity and connects its frontends.
Task<Result> Life::activate(std::shared_ptr<Me> me) {
  auto answer = co_await ask(me, DcEvent::activate, 0, true);
  if (!answer && answer.error().status == Status::busy)
    co_return refuse(Status::busy,
                     text("the ME did not connect its frontends within %llu ms", milliseconds(patience_)));
  if (!answer) co_return passed_on(answer.error());
  if (*answer == 0) {
    me->attached = Attached::activated;
    co_return Done{};
  }
  const auto error = world_.bus.error(me->slot);
  co_return refuse(Status::bad_state, error ? "the frontend " + *error
                                            : text("the ME could not be activated (%d); the console says more",
                                                   static_cast<int>(*answer)));
}

Task<Result> Life::live(std::shared_ptr<Me> me) {
  if (me->state == State::living) co_return Done{};  // it woke itself
  const auto set = hypercall::domain_set_state(me->slot, me->state, State::living);
  if (set) residents_->changed_to(*me, State::living);  // also when it is in another state by now
  residents_->look(me);
  if (set || me->gone || me->state == State::dormant || me->state == State::killed || me->state == State::terminated)
    co_return Done{};
  co_return refuse(set.error(), text("the ME is in %.*s and cannot live", AGENCY_SV(abi::name(me->state))));
}

Task<Result> Life::no_step(Step step) {
  co_return refuse(Status::not_supported, text("%.*s is no step that is run here", AGENCY_SV(abi::name(step))));
}

// In a thread of it: it has to run.
Task<Life::Answer> Life::ask(std::shared_ptr<Me> me, DcEvent event, std::uint32_t argument, bool connects) {
  if (me->unanswered != DcEvent::none)
    co_return refuse(Status::busy, text("%.*s cannot be asked of ME %u (%s): it has not answered %.*s yet",
                                        AGENCY_SV(abi::name(event)), me->slot, me->name.c_str(),
                                        AGENCY_SV(abi::name(me->unanswered))));
  if (auto runs = unpause(*me); !runs) co_return passed_on(runs.error());
  const auto deadline = world_.loop.now() + patience_;
  co_return co_await dc_events_.run(me,
                                    {.event = event, .deadline = deadline, .argument = argument, .connects = connects});
}

Task<Result> Life::frontends_settle(std::shared_ptr<Me> me, Step step) {
  const auto deadline = world_.loop.now() + patience_;
  for (;;) {
    residents_->look(me);
    if (me->gone) co_return Done{};
    const auto unsettled = world_.bus.unsettled(me->slot);
    if (!unsettled) co_return Done{};
    if (const auto error = world_.bus.error(me->slot)) co_return refuse(Status::bad_state, "the frontend " + *error);
    if (world_.loop.now() >= deadline)
      co_return refuse(Status::busy,
                       text("%.*s of ME %u (%s) waited %llu ms for its frontend %s", AGENCY_SV(abi::name(step)),
                            me->slot, me->name.c_str(), milliseconds(patience_), unsettled->c_str()));
    co_await world_.loop.change(me->slot, deadline);
  }
}

Task<Result> Life::pause(std::shared_ptr<Me> me) {
  const auto stopped = co_await stop_vcpu(world_.loop, *residents_, me);
  if (me->gone) co_return Done{};
  if (stopped) me->paused = true;
  else
    residents_->reap(me,
                     text("was destroyed: its vCPU cannot be stopped (%.*s)", AGENCY_SV(abi::name(stopped.error()))));
  co_return Done{};
}

Result Life::unpause(Me& me) {
  if (!me.paused) return Done{};
  if (const auto runs = hypercall::domain_unpause(me.slot); !runs)
    return refuse(runs.error(), text("the vCPU of ME %u (%s) cannot go on: %.*s", me.slot, me.name.c_str(),
                                     AGENCY_SV(abi::name(runs.error()))));
  me.paused = false;
  return Done{};
}

}  // namespace agency
