// What threads of MEs ask of the agency that calls other MEs: AG_LOCAL_COOPERATE above all. It is served like a
// cooperation of an arrival, and whoever asks without end leaves the others theirs.
#include "cooperation_fixture.hpp"

namespace agency {
namespace {

using abi::AgencyCtl;
using abi::Domcall;
using abi::Role;
using abi::State;
using abi::Status;
using Trace = std::vector<std::string>;

struct AgencyCtlTest : CooperationTest {
  // A thread of the ME in `slot` asks, and again as long as it may.
  void asks(std::uint32_t slot, AgencyCtl command, Payload words = {}, unsigned times = 1) {
    spawn(thread(agency.residents().find(slot), command, words, times));
    settle();
  }
  Task<Done> thread(std::shared_ptr<Me> me, AgencyCtl command, Payload words, unsigned times) {
    Caller self;
    self.me = me;
    while (times-- > 0 && !me->gone) {
      const auto answer = co_await agency.agency_ctl().serve(self, static_cast<std::uint32_t>(command), words);
      told[me->slot].push_back(static_cast<Status>(answer[0]));
    }
    co_return Done{};
  }
  void each_call_takes(std::uint64_t ns) {
    avz.on_domcall = [this, ns](std::uint32_t slot, Domcall, const Payload&) {
      fake_time += ns;
      spent += ns;
      ++called[slot];
      return done();
    };
  }
  std::map<std::uint32_t, std::vector<Status>> told;
  std::map<std::uint32_t, unsigned> called;
  std::uint64_t spent = 0;
};

TEST_F(AgencyCtlTest, M52_ALocalCooperationIsThatOfAnArrival) {
  for (int i = 0; i < 3; ++i) resident();
  parts[{3, Domcall::cooperate}] = {ask(AgencyCtl::cooperate, {2}), end()};
  Payload seen{};
  parts[{2, Domcall::cooperate}] = {[&](const Payload& p) {
    seen = p;
    return done();
  }};
  asks(3, AgencyCtl::local_cooperate);
  EXPECT_EQ(told[3], (std::vector{Status::ok}));
  EXPECT_EQ(calls(), (Trace{"cb_cooperate 3", "cb_cooperate 2", "resume 3", "cb_cooperate 3"}))
      << "once with each resident";
  EXPECT_EQ(seen[0], static_cast<std::uint64_t>(Role::target));
  EXPECT_EQ(seen[1] & UINT32_MAX, 3u);
  EXPECT_EQ(avz.domains[3].state, State::living);
}

TEST_F(AgencyCtlTest, M52_AnMeThatIsAloneIsCalledSo) {
  resident();
  asks(2, AgencyCtl::local_cooperate);
  EXPECT_EQ(calls(), (Trace{"cb_cooperate alone 2"}));
  EXPECT_EQ(told[2], (std::vector{Status::ok}));
}

TEST_F(AgencyCtlTest, M54_WhoIsKilledInALocalCooperationEndsWithIt) {
  resident(), resident(), resident();
  parts[{2, Domcall::cooperate}] = {ask(AgencyCtl::kill_me, {3}), end()};
  parts[{3, Domcall::kill_me}] = {becomes(3, State::killed)};
  asks(2, AgencyCtl::local_cooperate);
  EXPECT_EQ(told[2], (std::vector{Status::ok}));
  EXPECT_EQ(calls(), (Trace{"cb_cooperate 2", "cb_kill_me 3", "resume 2", "cb_cooperate 2", "destroy 3"}));
}

TEST_F(AgencyCtlTest, ALocalCooperationIsForAnMeThatLivesAndIsInNoOtherSequence) {
  resident();
  avz.set(2, State::dormant);
  settle();
  asks(2, AgencyCtl::local_cooperate);
  resident();
  avz.on_dc_event = [](auto...) {};
  AgencyTest::ask(abi::link::Type::stop, 60, raw(abi::link::Stop{3, 60'000}));
  asks(3, AgencyCtl::local_cooperate);
  EXPECT_EQ(told[2], (std::vector{Status::bad_state}));
  EXPECT_EQ(told[3], (std::vector{Status::busy}));
  EXPECT_EQ(std::ranges::count(avz.trace, "cb_cooperate alone 2"), 0);
}

TEST_F(AgencyCtlTest, OneAskOfEachMeAtATime) {
  resident(), resident(), resident();
  avz.on_dc_event = [](auto...) {};
  AgencyTest::ask(abi::link::Type::stop, 60, raw(abi::link::Stop{4, 60'000}));
  asks(2, AgencyCtl::local_cooperate);  // waits for 4, which is in another sequence
  asks(3, AgencyCtl::local_cooperate);
  EXPECT_TRUE(told.empty());
  for (const auto command : {AgencyCtl::local_cooperate, AgencyCtl::cooperate, AgencyCtl::kill_me})
    asks(2, command, {3});
  EXPECT_EQ(told[2], (std::vector{Status::busy, Status::busy, Status::busy}));
  asks(2, AgencyCtl::get_state, {3});
  EXPECT_EQ(told[2].back(), Status::ok) << "what calls nobody does not wait";
  pass(10'000 * ms);
  EXPECT_EQ(told[2].back(), Status::ok);
  EXPECT_EQ(told[3], (std::vector{Status::ok}));
  asks(2, AgencyCtl::local_cooperate);
  pass(10'000 * ms);
  EXPECT_EQ(told[2].back(), Status::ok);
}

// Three MEs that never stop asking: each has its turn, and all together half of the time.
TEST_F(AgencyCtlTest, WhoAsksWithoutEndLeavesTheOthersTheirs) {
  for (std::uint64_t species = 7; species < 10; ++species) resident(false, species);
  each_call_takes(100 * ms);
  constexpr unsigned endless = 1'000'000;
  const auto began = fake_time;
  for (std::uint32_t slot = 2; slot <= 4; ++slot)
    spawn(thread(agency.residents().find(slot), AgencyCtl::local_cooperate, {}, endless));
  pass(60'000 * ms);
  EXPECT_LE(2 * spent, fake_time - began + 200 * ms);
  EXPECT_GE(called[2], 90u);
  for (std::uint32_t slot = 3; slot <= 4; ++slot) EXPECT_NEAR(called[slot], called[2], 1) << slot;

  // Another one comes, lives, is stopped, all in the time of a few of their turns.
  const auto before = fake_time;
  willing = false;
  spid = 11;
  request_injection(50);
  pass(1'000 * ms);
  const auto came = reply(50);
  ASSERT_TRUE(came && came->status == Status::ok);
  AgencyTest::ask(abi::link::Type::stop, 51, raw(abi::link::Stop{5, 100}));
  pass(500 * ms);
  EXPECT_TRUE(reply(51));
  EXPECT_FALSE(avz.domains.contains(5));
  EXPECT_LT(fake_time - before, 2'500 * ms);

  for (std::uint32_t slot = 2; slot <= 4; ++slot)
    agency.residents().reap(agency.residents().find(slot), "was destroyed");
  pass(1'000 * ms);  // whoever waits for a turn hears of it then
}

// Its slot may be another's by the time that it would be its turn.
TEST_F(AgencyCtlTest, WhoIsGoneAsksForNothing) {
  resident(), resident(), resident();
  avz.on_dc_event = [](auto...) {};
  AgencyTest::ask(abi::link::Type::stop, 60, raw(abi::link::Stop{4, 60'000}));
  asks(2, AgencyCtl::local_cooperate);
  asks(3, AgencyCtl::kill_me, {2});
  agency.residents().reap(agency.residents().find(3), "was destroyed");
  pass(10'000 * ms);
  EXPECT_EQ(told[3], (std::vector{Status::bad_state}));
  EXPECT_EQ(std::ranges::count(avz.trace, "cb_kill_me 2"), 0);
}

}  // namespace
}  // namespace agency
