// M52 to M54, M11, and the agency's answers to agency_ctl: every role, every outcome, in every position.
#include "cooperation_fixture.hpp"

namespace agency {
namespace {

using abi::AgencyCtl;
using abi::Domcall;
using abi::Role;
using abi::State;
using abi::Status;
using Trace = std::vector<std::string>;

constexpr std::uint64_t page = abi::ram_ipa + 5 * abi::page_size;
constexpr std::uint64_t used = 24 | std::uint64_t{3} << 32;  // bytes, version

TEST_F(CooperationTest, M53_TargetSeesTheInitiatorAndItsPageForTheCall) {
  resident();
  avz.domains[2].spadcaps = 0x22;
  Payload seen{};
  parts[{3, Domcall::cooperate}] = {[&](const Payload&) {
                                      avz.domains[3].spadcaps = 0x33;
                                      return request(AgencyCtl::cooperate, {2, page, used});
                                    },
                                    end()};
  parts[{2, Domcall::cooperate}] = {[&](const Payload& p) {
    seen = p;
    EXPECT_EQ(avz.domains[2].lent, (std::pair{3u, page}));
    return done();
  }};
  EXPECT_EQ(arrive().status, Status::ok);
  EXPECT_EQ(seen, (Payload{static_cast<std::uint64_t>(Role::target), 3 | std::uint64_t{1} << 32, 7, 0x33,
                           abi::lent_page_ipa, used}));
  EXPECT_EQ(answers, (std::vector{Status::ok}));
  EXPECT_EQ(calls(),
            (Trace{"cb_pre_activate 3", "cb_cooperate 3", "lend 3", "cb_cooperate 2", "return 2", "resume 3"}));
}

// Decision 6: outside of cb_cooperate no thread of the target runs while the page is there.
TEST_F(CooperationTest, M53_TheTargetStandsForAsLongAsItHasThePage) {
  resident();
  parts[{3, Domcall::cooperate}] = {ask(AgencyCtl::cooperate, {2, page, used}), end()};
  int busy = 3;
  avz.fail = [&](abi::Call c) {
    return c == abi::Call::domain_pause && busy-- > 0 ? std::optional{Status::busy} : std::nullopt;
  };
  EXPECT_EQ(arrive().status, Status::ok);
  Trace of_2;
  for (const auto& line : avz.trace)
    if (line.ends_with(" 2") || line == "lend 3") of_2.push_back(line);
  EXPECT_EQ(of_2, (Trace{"pause 2", "lend 3", "cb_cooperate 2", "return 2", "unpause 2"}));
  EXPECT_FALSE(avz.domains[2].paused);
}

TEST_F(CooperationTest, M53_ADormantTargetStandsAlready) {
  resident();
  avz.set(2, State::dormant);
  settle();
  avz.trace.clear();
  parts[{3, Domcall::cooperate}] = {ask(AgencyCtl::cooperate, {2, page, used}), end()};
  EXPECT_EQ(arrive().status, Status::ok);
  EXPECT_TRUE(avz.domains[2].paused);
  EXPECT_EQ(std::ranges::count(avz.trace, "unpause 2"), 0);
}

TEST_F(CooperationTest, M52_AloneComesOnceAndOnlyWhenNobodyIsThere) {
  resident(false, 8);
  arrive();
  EXPECT_EQ(calls(), (Trace{"cb_pre_activate 3", "cb_cooperate alone 3"}));
}

TEST_F(CooperationTest, M11_AnUnwillingTwinIsEligibleAndADormantOneToo) {
  resident(false, 7);
  resident(false, 7);
  avz.set(3, State::dormant);
  settle();
  avz.trace.clear();
  arrive();
  EXPECT_EQ(calls(), (Trace{"cb_pre_activate 4", "cb_cooperate 4", "cb_cooperate 4"}));
}

TEST_F(CooperationTest, WhoLeavesOnTheWayIsNotCalled) {
  resident(), resident();
  parts[{4, Domcall::cooperate}] = {[&](const Payload&) {
    avz.set(3, State::killed);
    return done();
  }};
  arrive();
  EXPECT_EQ(calls(), (Trace{"cb_pre_activate 4", "cb_cooperate 4", "destroy 3"}));
}

// Design: kill_me is a request that the victim decides.
TEST_F(CooperationTest, M54_TheTargetKillsTheInitiatorWhichEndsAfterItsCall) {
  resident(), resident();
  parts[{4, Domcall::cooperate}] = {ask(AgencyCtl::cooperate, {2}), end()};
  parts[{2, Domcall::cooperate}] = {ask(AgencyCtl::kill_me, {4}), end()};
  parts[{4, Domcall::kill_me}] = {becomes(4, State::killed)};
  const auto r = arrive();
  EXPECT_EQ(r.status, Status::bad_state);
  EXPECT_EQ(r.text, "the ME declined: cb_cooperate set ME_state_killed");
  EXPECT_EQ(answers, (std::vector{Status::ok, Status::ok})) << "kill accepted, then the call of the target";
  EXPECT_EQ(calls(), (Trace{"cb_pre_activate 4", "cb_cooperate 4", "cb_cooperate 2", "cb_kill_me 4", "resume 2",
                            "resume 4", "destroy 4"}))
      << "to its end, then no call for the second resident";
  EXPECT_EQ(avz.domains.size(), 2u);
}

TEST_F(CooperationTest, M54_TheInitiatorKillsTheTargetWhichEndsWithTheSequence) {
  resident(), resident();
  parts[{4, Domcall::cooperate}] = {ask(AgencyCtl::kill_me, {2}), end()};
  parts[{2, Domcall::kill_me}] = {becomes(2, State::killed)};
  EXPECT_EQ(arrive().status, Status::ok);
  EXPECT_EQ(answers, (std::vector{Status::ok}));
  EXPECT_EQ(calls(),
            (Trace{"cb_pre_activate 4", "cb_cooperate 4", "cb_kill_me 2", "resume 4", "cb_cooperate 4", "destroy 2"}));
}

TEST_F(CooperationTest, AKillThatIsRefusedIsDeniedToTheCaller) {
  resident();
  parts[{3, Domcall::cooperate}] = {ask(AgencyCtl::kill_me, {2}), end()};
  parts[{2, Domcall::kill_me}] = {[](const Payload&) { return done(-1); }};
  EXPECT_EQ(arrive().status, Status::ok);
  EXPECT_EQ(answers, (std::vector{Status::denied}));
  EXPECT_EQ(avz.domains.size(), 2u);
  EXPECT_NE(console_text.find("refuses to be killed: cb_kill_me returned -1"), std::string::npos) << console_text;
}

TEST_F(CooperationTest, StrangersCannotBeKilled) {
  resident(true, 8), resident(true, 9);
  parts[{4, Domcall::cooperate}] = {ask(AgencyCtl::kill_me, {3}), end()};
  arrive();
  EXPECT_EQ(answers, (std::vector{Status::denied}));
  EXPECT_EQ(std::ranges::count(avz.trace, "cb_kill_me 3"), 0);
}

// Those who cooperate are driven: a thread of somebody else does not get in between.
TEST_F(CooperationTest, WhoTakesPartIsNotKilledByAThread) {
  resident(), resident();
  Caller thread;
  thread.me = agency.residents().find(3);
  std::optional<Payload> answer;
  const auto serve = [&]() -> Task<Done> {
    answer = co_await agency.agency_ctl().serve(thread, static_cast<std::uint32_t>(AgencyCtl::kill_me), {2});
    co_return Done{};
  };
  parts[{4, Domcall::cooperate}] = {[&](const Payload&) {
    spawn(serve());
    return done();
  }};
  arrive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(static_cast<Status>((*answer)[0]), Status::busy);
  EXPECT_EQ(std::ranges::count(avz.trace, "cb_kill_me 2"), 0);
}

// A twin may ask in any domcall: not only in a cooperation.
TEST_F(CooperationTest, TwinsCanBeAskedToDieInPreActivate) {
  resident();
  parts[{3, Domcall::pre_activate}] = {ask(AgencyCtl::kill_me, {2}), end()};
  parts[{2, Domcall::kill_me}] = {becomes(2, State::killed)};
  arrive();
  EXPECT_EQ(answers, (std::vector{Status::ok}));
  EXPECT_EQ(calls(), (Trace{"cb_pre_activate 3", "cb_kill_me 2", "destroy 2", "resume 3", "cb_cooperate alone 3"}));
}

TEST_F(CooperationTest, M42_ATargetThatTerminatesIsClosedInOrder) {
  resident();
  parts[{3, Domcall::cooperate}] = {ask(AgencyCtl::cooperate, {2}), end()};
  parts[{2, Domcall::cooperate}] = {becomes(2, State::terminated)};
  EXPECT_EQ(arrive().status, Status::ok);
  EXPECT_EQ(calls(),
            (Trace{"cb_pre_activate 3", "cb_cooperate 3", "cb_cooperate 2", "resume 3", "close 2", "destroy 2"}));
}

struct Ends {
  const char* name;
  abi::Outcome outcome;
  abi::CrashReason reason;
  const char* said;
  friend std::ostream& operator<<(std::ostream& out, const Ends& e) { return out << e.name; }
};
struct BadEnds : CooperationTest, testing::WithParamInterface<Ends> {};
INSTANTIATE_TEST_SUITE_P(
    All, BadEnds,
    testing::Values(Ends{"Crash", abi::Outcome::fault, abi::CrashReason::memory, "access outside its memory"},
                    Ends{"Blocked", abi::Outcome::fault, abi::CrashReason::blocked_in_domcall, "blocked in a domcall"},
                    Ends{"Overrun", abi::Outcome::budget, abi::CrashReason::domcall_budget, "overran the time"}),
    [](const auto& each) { return each.param.name; });

TEST_P(BadEnds, OfTheTargetConcernTheTargetAlone) {
  resident(), resident();
  parts[{4, Domcall::cooperate}] = {ask(AgencyCtl::cooperate, {2, page}), end()};
  parts[{2, Domcall::cooperate}] = {ends_with(GetParam().outcome, GetParam().reason)};
  EXPECT_EQ(arrive().status, Status::ok);
  EXPECT_EQ(answers, (std::vector{Status::not_found}));
  EXPECT_EQ(calls(), (Trace{"cb_pre_activate 4", "cb_cooperate 4", "lend 4", "cb_cooperate 2", "destroy 2", "resume 4",
                            "cb_cooperate 4"}));
  EXPECT_NE(console_text.find(GetParam().said), std::string::npos) << console_text;
}

TEST_P(BadEnds, OfTheInitiatorInsideItsCallEndIt) {
  resident();
  parts[{3, Domcall::cooperate}] = {ask(AgencyCtl::cooperate, {2, page}),
                                    ends_with(GetParam().outcome, GetParam().reason)};
  const auto r = arrive();
  EXPECT_EQ(r.status, Status::bad_state);
  EXPECT_NE(r.text.find(GetParam().said), std::string::npos) << r.text;
  EXPECT_EQ(avz.domains.size(), 1u);
  EXPECT_FALSE(avz.domains[2].lent);
}

TEST_P(BadEnds, OfTheVictimInItsKillMeLeaveTheOthers) {
  resident();
  parts[{3, Domcall::cooperate}] = {ask(AgencyCtl::cooperate, {2}), end()};
  parts[{2, Domcall::cooperate}] = {ask(AgencyCtl::kill_me, {3}), end()};
  parts[{3, Domcall::kill_me}] = {ends_with(GetParam().outcome, GetParam().reason)};
  EXPECT_EQ(arrive().status, Status::bad_state);
  EXPECT_EQ(answers, (std::vector{Status::not_found})) << "the target goes on; the initiator is no more";
  EXPECT_EQ(calls(),
            (Trace{"cb_pre_activate 3", "cb_cooperate 3", "cb_cooperate 2", "cb_kill_me 3", "destroy 3", "resume 2"}));
}

TEST_F(CooperationTest, ATargetThatReturnsNonZeroIsNamedAndTheNextIsCalled) {
  resident(), resident();
  parts[{4, Domcall::cooperate}] = {ask(AgencyCtl::cooperate, {2}), end()};
  parts[{2, Domcall::cooperate}] = {[](const Payload&) { return done(5); }};
  EXPECT_EQ(arrive().status, Status::ok);
  EXPECT_EQ(answers, (std::vector{Status::denied}));
  EXPECT_NE(console_text.find("cb_cooperate of ME 2 (SOO.refso3) as target returned 5"), std::string::npos);
  EXPECT_EQ(std::ranges::count(avz.trace, "cb_cooperate 4"), 2);
}

// An ME that lives, asked to cooperate by its twin, asks back: round and round.
TEST_F(CooperationTest, DepthIsBoundedAndNamed) {
  resident(), resident();
  // Both live: 2 begins, from a thread of its.
  again = true;
  std::uint32_t begun = 0;
  const auto play = [&](std::uint32_t other) {
    return Part{[&, other](const Payload&) {
                  ++begun;
                  return request(AgencyCtl::cooperate, {other});
                },
                end()};
  };
  parts[{2, Domcall::cooperate}] = play(3);
  parts[{3, Domcall::cooperate}] = play(2);
  Caller thread;
  thread.me = agency.residents().find(2);
  std::optional<Payload> answer;
  const auto serve = [&]() -> Task<Done> {
    answer = co_await agency.agency_ctl().serve(thread, static_cast<std::uint32_t>(AgencyCtl::cooperate), {3});
    co_return Done{};
  };
  spawn(serve());
  settle();
  ASSERT_TRUE(answer);
  EXPECT_EQ(begun, Domcalls::depth_max);
  ASSERT_EQ(answers.size(), Domcalls::depth_max);
  EXPECT_EQ(answers[0], Status::too_big);
  EXPECT_EQ(answers[1], Status::ok);
  EXPECT_NE(console_text.find("number 17 of those that wait for one another; at most 16 can"), std::string::npos)
      << console_text;
}

struct Refused : CooperationTest {
  Status initiator_asks(AgencyCtl command, Payload words) {
    parts[{3, Domcall::cooperate}] = {ask(command, words), end()};
    arrive();
    return answers.empty() ? Status::ok : answers[0];
  }
};

TEST_F(Refused, ByBadSlots) {
  resident();
  for (const std::uint64_t slot : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{258}, UINT64_MAX})
    for (const auto command : {AgencyCtl::cooperate, AgencyCtl::kill_me}) {
      answers.clear();
      EXPECT_EQ(initiator_asks(command, {slot}), Status::bad_argument) << slot;
      AgencyTest::ask(abi::link::Type::kill, 9, raw(abi::link::Slot{3, 0}));
    }
  answers.clear();
  EXPECT_EQ(initiator_asks(AgencyCtl::cooperate, {77}), Status::not_found);
}

TEST_F(Refused, AboutItself) {
  resident();
  EXPECT_EQ(initiator_asks(AgencyCtl::cooperate, {3}), Status::bad_argument);
}

TEST_F(Refused, WhatIsNoPage) {
  resident();
  EXPECT_EQ(initiator_asks(AgencyCtl::cooperate, {2, page + 1}), Status::bad_argument);
}

TEST_F(Refused, MoreThanAPage) {
  resident();
  EXPECT_EQ(initiator_asks(AgencyCtl::cooperate, {2, page, 4097}), Status::bad_argument);
}

TEST_F(Refused, AnotherSpeciesWithoutWillingness) {
  resident();
  resident(false, 8);
  parts[{4, Domcall::cooperate}] = {ask(AgencyCtl::cooperate, {3}), end()};
  arrive();
  EXPECT_EQ(answers, (std::vector{Status::denied}));
}

TEST_F(Refused, OutsideOfACooperation) {
  resident();
  parts[{3, Domcall::pre_activate}] = {ask(AgencyCtl::cooperate, {2}), end()};
  arrive();
  EXPECT_EQ(answers, (std::vector{Status::bad_state}));
}

TEST_F(Refused, LocalCooperationFromADomcall) {
  resident();
  EXPECT_EQ(initiator_asks(AgencyCtl::local_cooperate, {}), Status::bad_state);
}

TEST_F(Refused, WhatAvzDoesNotLend) {
  resident();
  avz.fail = [](abi::Call c) { return c == abi::Call::page_lend ? std::optional{Status::bad_argument} : std::nullopt; };
  EXPECT_EQ(initiator_asks(AgencyCtl::cooperate, {2, page}), Status::bad_argument);
  EXPECT_EQ(std::ranges::count(avz.trace, "cb_cooperate 2"), 0);
}

TEST_F(Refused, UpgradesAndImages) {
  resident();
  EXPECT_EQ(initiator_asks(AgencyCtl::inject_me, {}), Status::not_supported);
}

// A resident that is being stopped takes part when that is over, or not at all; the newcomer is not held up for long, nor
// told that nobody is there.
TEST_F(CooperationTest, AResidentInAnotherSequenceIsWaitedForAndThenLeftOut) {
  resident();
  avz.on_dc_event = [&](std::uint32_t slot, abi::DcEvent e) {
    if (e != abi::DcEvent::force_terminate) avz.answer(slot, e);
  };
  AgencyTest::ask(abi::link::Type::stop, 60, raw(abi::link::Stop{2, 60'000}));
  request_injection(50);
  pass(1'900 * ms);
  EXPECT_EQ(std::ranges::count(avz.trace, "cb_cooperate alone 3"), 0);
  EXPECT_EQ(avz.domains[3].state, State::preparing);
  pass(200 * ms);
  EXPECT_EQ(avz.domains[3].state, State::living);
  for (const auto& line : avz.trace) EXPECT_FALSE(line.starts_with("cb_cooperate")) << line;
  EXPECT_NE(console_text.find("ME 2 (SOO.refso3) does not take part in the cooperation of ME 3"), std::string::npos);
}

TEST_F(CooperationTest, ALocalCooperationWithNobodyButABusyOneIsRefused) {
  resident(), resident();
  avz.on_dc_event = [&](std::uint32_t slot, abi::DcEvent e) {
    if (e != abi::DcEvent::force_terminate) avz.answer(slot, e);
  };
  AgencyTest::ask(abi::link::Type::stop, 60, raw(abi::link::Stop{2, 60'000}));
  Caller thread;
  thread.me = agency.residents().find(3);
  std::optional<Payload> answer;
  const auto serve = [&]() -> Task<Done> {
    answer = co_await agency.agency_ctl().serve(thread, static_cast<std::uint32_t>(AgencyCtl::local_cooperate), {});
    co_return Done{};
  };
  spawn(serve());
  pass(2'100 * ms);
  ASSERT_TRUE(answer);
  EXPECT_EQ(static_cast<Status>((*answer)[0]), Status::busy);
  for (const auto& line : avz.trace) EXPECT_FALSE(line.starts_with("cb_cooperate")) << line;
}

// avz decides within a second of being asked: who asks waits for longer.
TEST_F(CooperationTest, AVcpuMayTakeItsSecondToStop) {
  const auto until = fake_time + 1'500 * ms;
  avz.fail = [&](abi::Call c) {
    return c == abi::Call::domcall_run && fake_time < until ? std::optional{Status::busy} : std::nullopt;
  };
  EXPECT_EQ(arrive().status, Status::ok);
  EXPECT_GE(fake_time, until);
}

TEST_F(CooperationTest, AResidentThatGoesOnLivingIsCalledThen) {
  resident();
  avz.on_dc_event = [&](std::uint32_t slot, abi::DcEvent e) {
    if (e != abi::DcEvent::activate || slot != 3) avz.answer(slot, e);
  };
  request_injection(50);
  request_injection(51);
  pass(100 * ms);
  avz.answer(3, abi::DcEvent::activate);
  pass(100 * ms);
  EXPECT_EQ(reply(51)->status, Status::ok);
  EXPECT_EQ(std::ranges::count(avz.trace, "cb_cooperate 4"), 2) << "with 2, and with 3 that came just before";
}

// Two that call each other on and on have the agency's CPU for two seconds, not for ever.
TEST_F(CooperationTest, NestedDomcallsEndSomeTime) {
  resident();
  again = true;
  std::size_t asked = 0;
  Status last = Status::ok;
  const Stretch once_more = [&](const Payload& answer) {
    last = static_cast<Status>(answer[0]);
    if (++asked > 100) return done();
    return request(AgencyCtl::cooperate, {2});
  };
  parts[{3, Domcall::cooperate}] = Part(200, once_more);
  parts[{2, Domcall::cooperate}] = {[&](const Payload&) {
    fake_time += 100 * ms;
    return done();
  }};
  arrive();
  EXPECT_EQ(std::ranges::count(avz.trace, "cb_cooperate 2"), 20);
  EXPECT_EQ(last, Status::busy);
}

TEST_F(CooperationTest, DeviceCapabilitiesMatch) {
  struct : Backend {
    std::string_view type() const override { return "vblind"; }
    std::uint32_t devcaps() const override { return 0x06'000001; }
    std::expected<std::unique_ptr<Device>, std::string> connect(const FrontendKeys&) override {
      return std::unexpected{""};
    }
  } blind;
  agency.add(blind);
  agency.add_devcaps(0x06'800000);
  struct Case {
    AgencyCtl command;
    Payload words, answer;
  } cases[] = {{AgencyCtl::check_devcaps_class, {6}, {0, 1}},
               {AgencyCtl::check_devcaps_class, {7}, {0, 0}},
               {AgencyCtl::check_devcaps, {6, 1}, {0, 1}},
               {AgencyCtl::check_devcaps, {6, 2}, {0, 0}},
               {AgencyCtl::check_devcaps, {6, 0x800001}, {0, 1}},
               {AgencyCtl::check_devcaps, {6, 0x800003}, {0, 0}},
               {AgencyCtl::check_devcaps, {6, 0}, {static_cast<std::uint64_t>(Status::bad_argument)}},
               {AgencyCtl::check_devcaps, {6, 0x01000000}, {static_cast<std::uint64_t>(Status::bad_argument)}},
               {AgencyCtl::check_devcaps_class, {0x06000000}, {static_cast<std::uint64_t>(Status::bad_argument)}}};
  std::vector<Payload> got;
  Part part;
  for (const auto& c : cases)
    part.push_back([&, c](const Payload& p) {
      got.push_back(p);
      return request(c.command, c.words);
    });
  part.push_back([&](const Payload& p) {
    got.push_back(p);
    return done();
  });
  parts[{2, Domcall::pre_activate}] = part;
  arrive();
  ASSERT_EQ(got.size(), std::size(cases) + 1);
  for (std::size_t i = 0; i < std::size(cases); ++i) EXPECT_EQ(got[i + 1], cases[i].answer) << i;
}

}  // namespace
}  // namespace agency
