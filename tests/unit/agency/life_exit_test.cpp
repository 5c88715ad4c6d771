// Every way out of every sequence: step by step, whatever can happen in it.
#include <ostream>

#include "life_fixture.hpp"

namespace agency {
namespace {

using abi::DcEvent;
using abi::Domcall;
using abi::State;
using abi::Status;
using abi::Step;

enum class Event { nonzero, dormant, killed, terminated, crash, kill, silent, budget };
enum class End { lives, rests, gone };

struct Case {
  const abi::Sequence& sequence;
  Step step;
  Event event;
  End end;
  std::string_view why;  // a part of what is answered; empty: done
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  constexpr const char* events[] = {"nonzero", "dormant", "killed", "terminated", "crash", "kill", "silent", "budget"};
  return out << c.sequence.name << '_' << abi::name(c.step) << '_' << events[static_cast<int>(c.event)];
}

DcEvent dc_event_of(Step s) {
  switch (s) {
    case Step::pre_suspend: return DcEvent::pre_suspend;
    case Step::suspend: return DcEvent::suspend;
    case Step::pre_resume: return DcEvent::pre_resume;
    case Step::resume: return DcEvent::resume;
    case Step::post_activate: return DcEvent::post_activate;
    case Step::activate: return DcEvent::activate;
    default: return DcEvent::none;
  }
}
Domcall domcall_of(Step s) {
  switch (s) {
    case Step::pre_propagate: return Domcall::pre_propagate;
    case Step::pre_activate: return Domcall::pre_activate;
    default: return Domcall::cooperate;
  }
}

struct ExitTest : LifeTest, ::testing::WithParamInterface<Case> {
  // What happens in the step, as long as it is armed.
  hypercall::DomcallOutcome domcall(std::uint32_t slot, Domcall which) {
    const Case& c = GetParam();
    if (!armed || dc_event_of(c.step) != DcEvent::none || which != domcall_of(c.step)) return yes();
    armed = false;
    switch (c.event) {
      case Event::nonzero: return {abi::Outcome::done, 0, {3}};
      case Event::dormant: avz.set(slot, State::dormant); return yes();
      case Event::killed: avz.set(slot, State::killed); return yes();
      case Event::terminated: avz.set(slot, State::terminated); return yes();
      case Event::budget: avz.crash(slot, abi::CrashReason::domcall_budget); return {abi::Outcome::budget, 5, {}};
      default: avz.crash(slot, abi::CrashReason::memory); return {abi::Outcome::fault, 3, {}};
    }
  }
  void arm() {
    const Case& c = GetParam();
    avz.on_domcall = [this](std::uint32_t slot, Domcall which, const auto&) { return domcall(slot, which); };
    const auto event = dc_event_of(c.step);
    if (event == DcEvent::none) return;
    if (c.event == Event::nonzero) results[event] = 3;
    if (c.event == Event::dormant) callbacks[event] = [this](std::uint32_t slot) { avz.set(slot, State::dormant); };
    if (c.event == Event::silent || c.event == Event::crash || c.event == Event::kill) silent[2] = event;
  }
  void begin() {
    const Case& c = GetParam();
    if (&c.sequence.steps[0] == abi::sequence::injection_steps) {
      arm();
      request_injection(5);
      play();
    } else if (c.sequence.steps.front() == Step::pre_activate || c.sequence.steps.front() == Step::pre_resume) {
      arm();
      drive(arrive(), c.sequence);
    } else {
      const auto me = inject_me();
      arm();
      drive(me, c.sequence);
    }
  }
  void happen() {
    const Case& c = GetParam();
    if (dc_event_of(c.step) == DcEvent::none) return;
    if (c.event == Event::crash) avz.crash(2, abi::CrashReason::panic);
    if (c.event == Event::kill) ask(abi::link::Type::kill, 9, raw(abi::link::Slot{2, 0}));
    if (c.event == Event::silent) {
      play(Life::patience - ms);
      EXPECT_FALSE(answered()) << "it still has time";
      play(2 * ms);
    }
    play();
  }
  bool answered() {
    if (injection_ = injection_ ? injection_ : reply(5); injection_) return true;
    return is_over();
  }
  std::string answer() {
    if (injection_) return injection_->status == Status::ok ? "done" : injection_->text;
    return why();
  }

  bool armed = true;
  std::optional<Reply> injection_;
};

TEST_P(ExitTest, EndsAsTheTableSays) {
  const Case& c = GetParam();
  begin();
  happen();
  ASSERT_TRUE(answered());
  const bool after = c.step > Step::snapshot;
  if (is_done() && !injection_ && !after) drive(agency.residents().find(2), abi::after_snapshot(c.sequence));
  if (c.why.empty()) EXPECT_EQ(answer(), "done");
  else EXPECT_NE(answer().find(c.why), std::string::npos) << answer();
  if (c.event == Event::silent && c.end == End::lives) {
    EXPECT_EQ(avz.domains[2].posted, dc_event_of(c.step)) << "nothing else was put into its mailbox";
    silent.clear();
    dc_event(2, dc_event_of(c.step));  // late
    play();
  }
  results.clear();
  callbacks.clear();

  if (c.end == End::gone) {
    EXPECT_TRUE(nothing_remains(2));
    EXPECT_TRUE(frontends.empty() || !step_frontends());
    return;
  }
  const auto me = agency.residents().find(2);
  ASSERT_TRUE(me) << console_text;
  EXPECT_FALSE(me->driven);
  EXPECT_EQ(me->unanswered, DcEvent::none);
  EXPECT_EQ(me->state, c.end == End::lives ? State::living : State::dormant);
  EXPECT_EQ(avz.domains[2].paused, c.end == End::rests);
  EXPECT_EQ(me->paused, c.end == End::rests);
  if (c.end == End::lives) {
    EXPECT_EQ(me->attached, Attached::activated);
    for (const auto& f : frontends) EXPECT_EQ(f.state, abi::vbus::State::connected);
    armed = false;
    drive(me, abi::sequence::resident);
    EXPECT_TRUE(is_done()) << "it can be driven again: " << why();
  } else {
    // It wakes, and is as if it had never rested.
    avz.set(2, State::living);
    play();
    EXPECT_EQ(me->attached, Attached::activated) << console_text;
    EXPECT_FALSE(avz.domains[2].paused);
    EXPECT_EQ(frontends.size(), 2u);
    for (const auto& f : frontends) EXPECT_EQ(f.state, abi::vbus::State::connected);
  }
}

using abi::sequence::arrival;
using abi::sequence::injection;
using abi::sequence::resident;
using abi::sequence::restore;
using abi::sequence::saving;

const Case cases[] = {
    {injection, Step::pre_activate, Event::nonzero, End::gone, "declined: cb_pre_activate returned 3"},
    {injection, Step::pre_activate, Event::dormant, End::rests, ""},
    {injection, Step::pre_activate, Event::killed, End::gone, "declined: cb_pre_activate set ME_state_killed"},
    {injection, Step::pre_activate, Event::crash, End::gone, "crashed in cb_pre_activate: access outside its memory"},
    {injection, Step::pre_activate, Event::budget, End::gone, "overran the time of a domcall in cb_pre_activate"},
    {injection, Step::cooperate, Event::nonzero, End::lives, ""},
    {injection, Step::cooperate, Event::dormant, End::rests, ""},
    {injection, Step::cooperate, Event::killed, End::gone, "cb_cooperate set ME_state_killed"},
    {injection, Step::cooperate, Event::terminated, End::gone, "cb_cooperate set ME_state_terminated"},
    {injection, Step::cooperate, Event::crash, End::gone, "crashed in cb_cooperate"},
    {injection, Step::cooperate, Event::budget, End::gone, "overran the time of a domcall in cb_cooperate"},
    {injection, Step::activate, Event::nonzero, End::gone, "could not be activated (3)"},
    {injection, Step::activate, Event::dormant, End::rests, ""},
    {injection, Step::activate, Event::crash, End::gone, "crashed: panic during activate"},
    {injection, Step::activate, Event::kill, End::gone, "was destroyed on request during activate"},
    {injection, Step::activate, Event::silent, End::gone, "did not connect its frontends within 10000 ms"},

    {resident, Step::pre_propagate, Event::nonzero, End::lives, "does not want to: cb_pre_propagate answered NO"},
    {resident, Step::pre_propagate, Event::dormant, End::rests, ""},
    {resident, Step::pre_propagate, Event::killed, End::gone, "ended: cb_pre_propagate set ME_state_killed"},
    {resident, Step::pre_propagate, Event::crash, End::gone, "crashed in cb_pre_propagate"},
    {resident, Step::pre_propagate, Event::budget, End::gone, "overran the time of a domcall in cb_pre_propagate"},
    {resident, Step::pre_suspend, Event::nonzero, End::lives, "does not want to: cb_pre_suspend returned 3"},
    {resident, Step::pre_suspend, Event::dormant, End::rests, ""},
    {resident, Step::pre_suspend, Event::crash, End::gone, "crashed: panic during cb_pre_suspend"},
    {resident, Step::pre_suspend, Event::kill, End::gone, "was destroyed on request during cb_pre_suspend"},
    {resident, Step::pre_suspend, Event::silent, End::lives, "ME 2 (SOO.refso3) did not answer cb_pre_suspend within"},
    {resident, Step::suspend, Event::nonzero, End::lives, "suspend of ME 2 (SOO.refso3) returned 3"},
    {resident, Step::suspend, Event::dormant, End::rests, ""},
    {resident, Step::suspend, Event::crash, End::gone, "crashed: panic during suspend"},
    {resident, Step::suspend, Event::kill, End::gone, "was destroyed on request during suspend"},
    {resident, Step::suspend, Event::silent, End::lives, "ME 2 (SOO.refso3) did not answer suspend within"},
    {resident, Step::pre_resume, Event::nonzero, End::lives, ""},
    {resident, Step::pre_resume, Event::crash, End::gone, "crashed: panic during cb_pre_resume"},
    {resident, Step::pre_resume, Event::kill, End::gone, "was destroyed on request during cb_pre_resume"},
    {resident, Step::pre_resume, Event::silent, End::gone, "ME 2 (SOO.refso3) did not answer cb_pre_resume within"},
    {resident, Step::resume, Event::nonzero, End::gone, "resume of ME 2 (SOO.refso3) returned 3"},
    {resident, Step::resume, Event::crash, End::gone, "crashed: panic during resume"},
    {resident, Step::resume, Event::kill, End::gone, "was destroyed on request during resume"},
    {resident, Step::resume, Event::silent, End::gone, "ME 2 (SOO.refso3) did not answer resume within"},
    {resident, Step::post_activate, Event::nonzero, End::lives, ""},
    {resident, Step::post_activate, Event::crash, End::gone, "crashed: panic during cb_post_activate"},
    {resident, Step::post_activate, Event::kill, End::gone, "was destroyed on request during cb_post_activate"},
    {resident, Step::post_activate, Event::silent, End::lives, ""},

    {saving, Step::pre_suspend, Event::nonzero, End::lives, "cb_pre_suspend returned 3"},
    {saving, Step::pre_suspend, Event::dormant, End::rests, ""},
    {saving, Step::pre_suspend, Event::silent, End::lives, "did not answer cb_pre_suspend within"},
    {saving, Step::suspend, Event::silent, End::lives, "did not answer suspend within"},
    {saving, Step::pre_resume, Event::nonzero, End::lives, ""},

    {arrival, Step::pre_activate, Event::nonzero, End::gone, "declined: cb_pre_activate returned 3"},
    {arrival, Step::pre_activate, Event::dormant, End::rests, ""},
    {arrival, Step::pre_activate, Event::killed, End::gone, "declined: cb_pre_activate set ME_state_killed"},
    {arrival, Step::pre_activate, Event::crash, End::gone, "crashed in cb_pre_activate"},
    {arrival, Step::pre_activate, Event::budget, End::gone, "overran the time of a domcall in cb_pre_activate"},
    {arrival, Step::cooperate, Event::nonzero, End::lives, ""},
    {arrival, Step::cooperate, Event::dormant, End::rests, ""},
    {arrival, Step::cooperate, Event::killed, End::gone, "cb_cooperate set ME_state_killed"},
    {arrival, Step::cooperate, Event::terminated, End::gone, "cb_cooperate set ME_state_terminated"},
    {arrival, Step::cooperate, Event::crash, End::gone, "crashed in cb_cooperate"},
    {arrival, Step::pre_resume, Event::nonzero, End::lives, ""},
    {arrival, Step::pre_resume, Event::dormant, End::rests, ""},
    {arrival, Step::pre_resume, Event::crash, End::gone, "crashed: panic during cb_pre_resume"},
    {arrival, Step::pre_resume, Event::kill, End::gone, "was destroyed on request during cb_pre_resume"},
    {arrival, Step::pre_resume, Event::silent, End::gone, "ME 2 (traveller) did not answer cb_pre_resume within"},
    {arrival, Step::resume, Event::nonzero, End::gone, "resume of ME 2 (traveller) returned 3"},
    {arrival, Step::resume, Event::dormant, End::rests, ""},
    {arrival, Step::resume, Event::crash, End::gone, "crashed: panic during resume"},
    {arrival, Step::resume, Event::kill, End::gone, "was destroyed on request during resume"},
    {arrival, Step::resume, Event::silent, End::gone, "ME 2 (traveller) did not answer resume within"},
    {arrival, Step::post_activate, Event::nonzero, End::lives, ""},
    {arrival, Step::post_activate, Event::dormant, End::rests, ""},
    {arrival, Step::post_activate, Event::crash, End::gone, "crashed: panic during cb_post_activate"},
    {arrival, Step::post_activate, Event::silent, End::lives, ""},

    {restore, Step::pre_resume, Event::silent, End::gone, "did not answer cb_pre_resume within"},
    {restore, Step::resume, Event::nonzero, End::gone, "resume of ME 2 (traveller) returned 3"},
    {restore, Step::post_activate, Event::dormant, End::rests, ""},
};

INSTANTIATE_TEST_SUITE_P(All, ExitTest, ::testing::ValuesIn(cases), [](const auto& c) {
  std::ostringstream name;
  name << c.param;
  return name.str();
});

}  // namespace
}  // namespace agency
