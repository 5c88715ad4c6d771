// What comes in the middle: rest and waking by itself, frontends that do not answer, kills, vCPUs that do not stop.
#include "life_fixture.hpp"

namespace agency {
namespace {

using abi::DcEvent;
using abi::Domcall;
using abi::State;
using abi::Status;

struct RestTest : LifeTest {
  RestTest() {
    avz.on_domcall = [](auto...) { return yes(); };
    me = inject_me();
  }
  void kill() { ask(abi::link::Type::kill, 9, raw(abi::link::Slot{2, 0})); }
  std::shared_ptr<Me> me;
};

// Lifecycle: set by a thread. Frontends and vbstore first, while its vCPU runs; then it is stopped.
TEST_F(RestTest, FrontendsAreSuspendedThenTheVcpuStops) {
  avz.set(2, State::dormant);
  play();
  EXPECT_EQ(avz.trace, (Trace{"suspend 2", "pause 2"}));
  EXPECT_EQ(backend.trace, (Trace{"quiet 2", "quiet 2"}));
  EXPECT_EQ(me->state, State::dormant);
  EXPECT_FALSE(me->driven);
}

TEST_F(RestTest, WakesInADomcallOfItsOwn) {
  avz.set(2, State::dormant);
  play();
  avz.trace.clear();
  avz.set(2, State::living);
  play();
  EXPECT_EQ(avz.trace, (Trace{"unpause 2", "resume 2"}));
  EXPECT_EQ(avz.domains[2].argument, static_cast<std::uint32_t>(abi::ResumeAt::same_place));
  EXPECT_EQ(me->attached, Attached::activated);
}

// M61: a dormant ME is asked, and its copy goes out; nothing else of the sequence is for it.
TEST_F(RestTest, OfADormantMeThereAreTwoSteps) {
  avz.set(2, State::dormant);
  play();
  avz.trace.clear();
  drive(me, abi::sequence::resident);
  ASSERT_TRUE(is_done()) << why();
  EXPECT_EQ(avz.trace, (Trace{"cb_pre_propagate 2", "snapshot 2"}));
  EXPECT_EQ(me->state, State::dormant);
}

TEST_F(RestTest, WokenInPrePropagateItGoesOutAsOneThatLives) {
  avz.set(2, State::dormant);
  play();
  avz.trace.clear();
  avz.on_domcall = [this](std::uint32_t slot, auto, auto&) {
    avz.set(slot, State::living);
    return yes();
  };
  drive(me, abi::sequence::resident);
  ASSERT_TRUE(is_done()) << why();
  EXPECT_EQ(avz.trace, (Trace{"cb_pre_propagate 2", "unpause 2", "resume 2", "cb_pre_suspend 2", "suspend 2",
                              "ME_state_suspended 2", "snapshot 2", "cb_pre_resume 2", "resume 2", "cb_post_activate 2",
                              "ME_state_living 2"}));
}

TEST_F(RestTest, WokenInPrePropagateThatAnswersNo) {
  avz.set(2, State::dormant);
  play();
  avz.on_domcall = [this](std::uint32_t slot, auto, auto&) {
    avz.set(slot, State::living);
    return hypercall::DomcallOutcome{};
  };
  drive(me, abi::sequence::resident);
  EXPECT_EQ(status(), Status::denied);
  EXPECT_EQ(me->attached, Attached::activated) << "it woke all the same";
}

// It went to rest before its frontends ever connected, at injection or arrival: it is asked each period all the same, and
// NO, or waking in that very call, costs it nothing.
TEST_F(RestTest, OneThatNeverConnectedMaySayNo) {
  for (const auto at : {Domcall::pre_activate, Domcall::cooperate})
    for (const bool arrives : {false, true})
      for (const bool wakes : {false, true}) {
        SCOPED_TRACE(std::string{abi::name(at)} + (arrives ? " at arrival" : " at injection") +
                     (wakes ? ", wakes" : ""));
        avz.on_domcall = [this, at](std::uint32_t slot, Domcall which, auto&) {
          if (which == at) avz.set(slot, State::dormant);
          return yes();
        };
        const auto young = arrives ? arrive() : inject_me();
        if (arrives) drive(young, abi::sequence::arrival);
        ASSERT_EQ(young->state, State::dormant);
        ASSERT_NE(young->attached, Attached::activated);
        avz.on_domcall = [this, wakes](std::uint32_t slot, auto, auto&) {
          if (wakes) avz.set(slot, State::living);
          return hypercall::DomcallOutcome{};
        };
        drive(young, abi::sequence::resident);
        EXPECT_EQ(status(), Status::denied);
        ASSERT_FALSE(young->gone) << young->end;
        EXPECT_EQ(young->state, wakes ? State::living : State::dormant);
        EXPECT_EQ(young->attached == Attached::activated, wakes);
        ask(abi::link::Type::kill, 9, raw(abi::link::Slot{young->slot, 0}));
      }
}

TEST_F(RestTest, OneThatNeverConnectedMayEndInPrePropagate) {
  avz.on_domcall = [this](std::uint32_t slot, Domcall which, auto&) {
    avz.set(slot, which == Domcall::pre_propagate ? State::killed : State::dormant);
    return yes();
  };
  const auto young = inject_me();
  drive(young, abi::sequence::resident);
  EXPECT_TRUE(nothing_remains(young->slot));
  EXPECT_EQ(young->end, "killed itself");
}

// Woken as a cooperation target while it is still going to rest.
TEST_F(RestTest, WokenBeforeItRests) {
  silent[2] = DcEvent::suspend;
  avz.set(2, State::dormant);
  play();
  EXPECT_TRUE(me->driven);
  avz.set(2, State::living);
  silent.clear();
  dc_event(2, DcEvent::suspend);
  play();
  EXPECT_EQ(me->state, State::living);
  EXPECT_EQ(me->attached, Attached::activated) << why();
  EXPECT_FALSE(avz.domains[2].paused);
}

TEST_F(RestTest, OneThatDoesNotAnswerRestsOnceItHas) {
  silent[2] = DcEvent::suspend;
  avz.set(2, State::dormant);
  play(Life::patience + ms);
  EXPECT_FALSE(me->driven);
  EXPECT_FALSE(avz.domains[2].paused) << "else it could never answer";
  silent.clear();
  dc_event(2, DcEvent::suspend);
  play();
  EXPECT_TRUE(avz.domains[2].paused);
}

TEST_F(RestTest, RestsEvenIfAFrontendDoesNotAnswer) {
  frontends.front().hangs = true;
  avz.set(2, State::dormant);
  play(Life::patience + ms);
  EXPECT_TRUE(avz.domains[2].paused);
  EXPECT_NE(console_text.find("frontend probe/0, which is Connected and should be Suspended"), std::string::npos)
      << console_text;
  frontends.front().hangs = false;
  avz.set(2, State::living);
  play();
  EXPECT_EQ(me->attached, Attached::activated);
  for (const auto& f : frontends) EXPECT_EQ(f.state, abi::vbus::State::connected);
}

// E13, M37: the frontend is named, and the ME lives on with all it had.
TEST_F(RestTest, AFrontendThatDoesNotSuspendFailsTheStep) {
  frontends.back().hangs = true;
  drive(me, abi::sequence::resident);
  play(Life::patience - 2 * ms);
  EXPECT_FALSE(is_over());
  play(4 * ms);
  EXPECT_EQ(why(),
            "suspend of ME 2 (SOO.refso3) waited 10000 ms for its frontend probe/1, which is Connected and should be "
            "Suspended");
  frontends.back().hangs = false;
  play();
  EXPECT_EQ(me->state, State::living);
  EXPECT_EQ(me->attached, Attached::activated);
  for (const auto& f : frontends) EXPECT_EQ(f.state, abi::vbus::State::connected);
  drive(me, abi::sequence::resident);
  EXPECT_TRUE(is_done()) << why();
}

TEST_F(RestTest, AFrontendThatDoesNotResumeCostsTheMe) {
  drive(me, abi::before_snapshot(abi::sequence::resident));
  frontends.back().hangs = true;
  drive(me, abi::after_snapshot(abi::sequence::resident));
  play(Life::patience + ms);
  EXPECT_EQ(why(),
            "resume of ME 2 (SOO.refso3) waited 10000 ms for its frontend probe/1, which is Suspended and should be "
            "Connected");
  EXPECT_TRUE(nothing_remains(2));
  EXPECT_NE(console_text.find("ME 2 (SOO.refso3) was destroyed: resume of"), std::string::npos) << console_text;
}

TEST_F(RestTest, ADeviceWithoutRoomDownstreamHoldsTheSuspendUp) {
  backend.room = false;
  drive(me, abi::sequence::resident);
  EXPECT_FALSE(is_over());
  EXPECT_EQ(agency.residents().find(2)->doing, "suspend");
  backend.room = true;
  agency.link_log_room();
  play();
  EXPECT_TRUE(is_done()) << why();
}

TEST_F(RestTest, ADeviceThatNeverHasRoomIsNamed) {
  backend.room = false;
  drive(me, abi::sequence::resident);
  play(Life::patience + ms);
  EXPECT_NE(why().find("its frontend probe/0, whose ring cannot be emptied yet"), std::string::npos) << why();
}

TEST_F(RestTest, ABackendThatIsNotThereRefusesTheArrival) {
  backend.refuses = true;
  const auto traveller = arrive();
  drive(traveller, abi::sequence::arrival);
  EXPECT_EQ(why(), "the frontend probe/0: not today");
  EXPECT_TRUE(nothing_remains(3));
}

// A kill from outside is always possible: at every wait.
TEST_F(RestTest, KilledWhileItsFrontendsSuspend) {
  frontends.back().hangs = true;
  drive(me, abi::sequence::resident);
  kill();
  play();
  EXPECT_NE(why().find("was destroyed on request during suspend"), std::string::npos) << why();
  EXPECT_TRUE(nothing_remains(2));
}

TEST_F(RestTest, KilledWhileItsFrontendsResume) {
  drive(me, abi::before_snapshot(abi::sequence::resident));
  frontends.back().hangs = true;
  drive(me, abi::after_snapshot(abi::sequence::resident));
  kill();
  play();
  EXPECT_NE(why().find("was destroyed on request during resume"), std::string::npos) << why();
  EXPECT_TRUE(nothing_remains(2));
}

TEST_F(RestTest, KilledWhileItsVcpuIsStopped) {
  avz.fail = [](abi::Call c) { return c == abi::Call::domain_pause ? std::optional{Status::busy} : std::nullopt; };
  avz.set(2, State::dormant);
  play();
  EXPECT_TRUE(me->driven);
  kill();
  play(2 * ms);
  EXPECT_TRUE(nothing_remains(2));
}

TEST_F(RestTest, AVcpuThatCannotBeStoppedCostsTheMe) {
  avz.fail = [](abi::Call c) { return c == abi::Call::domain_pause ? std::optional{Status::busy} : std::nullopt; };
  avz.set(2, State::dormant);
  play(3'000 * ms);
  EXPECT_TRUE(nothing_remains(2));
  EXPECT_NE(console_text.find("its vCPU cannot be stopped (busy)"), std::string::npos) << console_text;
}

TEST_F(RestTest, KilledWhileItRests) {
  avz.set(2, State::dormant);
  play();
  kill();
  EXPECT_TRUE(nothing_remains(2));
}

TEST_F(RestTest, StoppedWhileItIsSuspended) {
  drive(me, abi::before_snapshot(abi::sequence::saving));
  ask(abi::link::Type::stop, 8, raw(abi::link::Stop{2, 1000}));
  EXPECT_EQ(reply(8)->status, Status::ok);
  EXPECT_TRUE(nothing_remains(2));
}

// What it does not answer keeps its mailbox: it is asked nothing more, and others go on.
TEST_F(RestTest, AnUnansweredCallbackHoldsUpNobodyElse) {
  silent[2] = DcEvent::pre_suspend;
  drive(me, abi::sequence::resident);
  play(Life::patience + ms);
  EXPECT_EQ(why(), "ME 2 (SOO.refso3) did not answer cb_pre_suspend within 10000 ms");
  drive(me, abi::sequence::resident);
  EXPECT_EQ(why(), "cb_pre_suspend cannot be asked of ME 2 (SOO.refso3): it has not answered cb_pre_suspend yet");
  const auto other = inject_me();
  drive(other, abi::sequence::resident);
  EXPECT_TRUE(is_done()) << why();
  ask(abi::link::Type::stop, 8, raw(abi::link::Stop{2, 100}));
  play(101 * ms);
  EXPECT_EQ(reply(8)->text, "did not answer cb_pre_suspend in time and was destroyed");
  EXPECT_TRUE(nothing_remains(2));
}

// As a cooperation target, while it is driven: closed in order when the sequence has ended.
TEST_F(RestTest, TerminatedInTheMiddle) {
  silent[2] = DcEvent::pre_suspend;
  drive(me, abi::sequence::resident);
  avz.set(2, State::terminated);
  silent.clear();
  dc_event(2, DcEvent::pre_suspend);
  play();
  EXPECT_NE(why().find("ended: cb_pre_suspend set ME_state_terminated"), std::string::npos) << why();
  EXPECT_EQ(avz.trace, (Trace{"cb_pre_propagate 2", "cb_pre_suspend 2", "close 2", "unmap", "destroy 2"}));
  EXPECT_TRUE(nothing_remains(2));
}

TEST_F(RestTest, PowerOffInTheMiddle) {
  silent[2] = DcEvent::pre_suspend;
  drive(me, abi::sequence::resident);
  EXPECT_THROW(ask(abi::link::Type::power_off, 8), int) << "the machine ends";
  EXPECT_NE(console_text.find("power off ends ME 2 (SOO.refso3) in ME_state_living"), std::string::npos);
}

}  // namespace
}  // namespace agency
