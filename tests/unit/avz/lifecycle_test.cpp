#include "so3/avz/lifecycle.hpp"

#include <gtest/gtest.h>

#include <set>
#include <tuple>
#include <vector>

#include "tests/unit/avz/fake_machine.hpp"

namespace {

using abi::Actor;
using abi::Context;
using abi::State;
using abi::Status;
using avz::Asker;

const auto me_states = [] {
  std::vector<State> all;
  for (std::uint32_t s = 0; s < abi::state_count; s++) all.push_back(static_cast<State>(s));
  return all;
}();

// M32-M43: the design's table, written a second time by hand: from, to, who, where.
using Row = std::tuple<State, State, Actor, Context>;
const std::set<Row> expected = {
    {State::dead, State::booting, Actor::avz, Context::any},
    {State::booting, State::preparing, Actor::me, Context::any},
    {State::preparing, State::living, Actor::agency, Context::any},
    {State::dead, State::migrating, Actor::avz, Context::any},
    {State::migrating, State::living, Actor::agency, Context::any},
    {State::living, State::suspended, Actor::agency, Context::any},
    {State::suspended, State::living, Actor::agency, Context::any},
    {State::preparing, State::dormant, Actor::me, Context::any},
    {State::migrating, State::dormant, Actor::me, Context::any},
    {State::migrating, State::dormant, Actor::agency, Context::any},
    {State::living, State::dormant, Actor::me, Context::any},
    {State::dormant, State::living, Actor::me, Context::domcall},
    {State::preparing, State::killed, Actor::me, Context::domcall},
    {State::migrating, State::killed, Actor::me, Context::domcall},
    {State::living, State::killed, Actor::me, Context::domcall},
    {State::dormant, State::killed, Actor::me, Context::domcall},
    {State::preparing, State::terminated, Actor::me, Context::force_terminate},
    {State::migrating, State::terminated, Actor::me, Context::force_terminate},
    {State::living, State::terminated, Actor::me, Context::force_terminate},
    {State::killed, State::dead, Actor::avz, Context::any},
    {State::terminated, State::dead, Actor::avz, Context::any},
};

bool in_table(State from, State to, Actor actor, bool domcall, bool terminate) {
  return expected.contains({from, to, actor, Context::any}) ||
         (domcall && expected.contains({from, to, actor, Context::domcall})) ||
         (terminate && expected.contains({from, to, actor, Context::force_terminate}));
}

TEST(Lifecycle, AllowsExactlyTheTable) {
  for (const State from : me_states)
    for (const State to : me_states)
      for (const Actor actor : {Actor::avz, Actor::agency, Actor::me})
        for (const bool domcall : {false, true})
          for (const bool terminate : {false, true})
            EXPECT_EQ(avz::may_change(from, to, {actor, domcall, terminate}),
                      in_table(from, to, actor, domcall, terminate))
                << name(from) << " -> " << name(to) << " by " << name(actor) << domcall << terminate;
}

class LifecycleOfAMe : public testing::Test {
 protected:
  fake::Machine machine;
  avz::Domain& me = machine.create_started();
};

// Every state x state x asker x context through the real calls: allowed ones happen, the others change nothing.
TEST_F(LifecycleOfAMe, SetStateChangesWhatTheTableAllowsAndNothingElse) {
  for (const State from : me_states) {
    for (const State to : me_states) {
      for (int context = 0; context < 4; context++) {
        me.state = from;
        me.shared->state = static_cast<std::uint32_t>(from);
        me.in_domcall = context == 1 || context == 2;
        me.cooperates_as_target = context == 2;
        me.mailbox.posted = context == 3 ? abi::DcEvent::force_terminate : abi::DcEvent::none;
        machine.console.clear();
        me.refusals_told = 0;
        const bool allowed = in_table(from, to, Actor::me, me.in_domcall, context >= 2);
        const auto r = machine.call(avz::calls::set_state, me, {static_cast<std::uint64_t>(to)});
        EXPECT_EQ(r.status(), allowed ? Status::ok : Status::bad_state);
        EXPECT_EQ(me.state, allowed ? to : from);
        EXPECT_EQ(me.shared->state, static_cast<std::uint32_t>(me.state));
        EXPECT_EQ(machine.console.size(), allowed ? 0u : 1u);
      }
    }
  }
  me.in_domcall = false;
}

TEST_F(LifecycleOfAMe, RefusalNamesBothStatesAndTheAsker) {
  const auto r = machine.call(avz::calls::set_state, me, {static_cast<std::uint64_t>(State::killed)});
  EXPECT_EQ(r.status(), Status::bad_state);
  ASSERT_EQ(machine.console.size(), 1u);
  EXPECT_EQ(machine.console[0], "slot 2: ME may not change ME_state_booting to ME_state_killed");
}

// An ME that asks without end does not fill the host's disk with the answers.
TEST_F(LifecycleOfAMe, RefusalsOfOneMeAreShownAFewTimes) {
  for (int i = 0; i < 1000; i++)
    EXPECT_EQ(machine.call(avz::calls::set_state, me, {static_cast<std::uint64_t>(State::killed)}).status(),
              Status::bad_state);
  ASSERT_EQ(machine.console.size(), 16u);
  EXPECT_TRUE(machine.console.back().ends_with("; no more of these are shown")) << machine.console.back();
  // Those of the agency are, however many the ME has had.
  for (int i = 0; i < 20; i++)
    machine.call(avz::calls::domain_set_state, machine.agency(),
                 {me.slot, static_cast<std::uint64_t>(State::booting), static_cast<std::uint64_t>(State::living)});
  ASSERT_EQ(machine.console.size(), 36u);
  EXPECT_EQ(machine.console.back(), "slot 2: agency may not change ME_state_booting to ME_state_living");
}

TEST_F(LifecycleOfAMe, AgencyMustExpectTheRightState) {
  const auto set = [&](State expected_now, State wanted) {
    return machine
        .call(avz::calls::domain_set_state, machine.agency(),
              {me.slot, static_cast<std::uint64_t>(expected_now), static_cast<std::uint64_t>(wanted)})
        .status();
  };
  me.state = State::preparing;
  EXPECT_EQ(set(State::migrating, State::living), Status::bad_state);
  EXPECT_EQ(me.state, State::preparing);
  EXPECT_EQ(set(State::preparing, State::living), Status::ok);
  EXPECT_EQ(me.state, State::living);
  EXPECT_TRUE(avz::is_pending(*me.shared, abi::port_control)) << "the ME is told";
  EXPECT_EQ(set(State::living, State::dormant), Status::bad_state) << "that is the ME's own to do";
}

TEST_F(LifecycleOfAMe, NumbersThatAreNoStateAreRefused) {
  for (const std::uint64_t v : {std::uint64_t{9}, std::uint64_t{1} << 32, ~std::uint64_t{0}})
    EXPECT_EQ(machine.call(avz::calls::set_state, me, {v}).status(), Status::bad_argument);
  EXPECT_EQ(machine.call(avz::calls::domain_set_state, machine.agency(), {me.slot, 0, 1ull << 32 | 2}).status(),
            Status::bad_argument);
}

TEST_F(LifecycleOfAMe, CrashMakesDeadAndKeepsTheReasonUntilDestroyed) {
  const auto slot = me.slot;
  machine.call(avz::calls::crash, me, {static_cast<std::uint64_t>(abi::CrashReason::exception), 0x1234, 0x5678});
  EXPECT_EQ(me.state, State::dead);
  EXPECT_FALSE(machine.running.contains(&me.vcpu));
  const auto info = machine.call(avz::calls::domain_info, machine.agency(), {slot});
  EXPECT_EQ(info.x[1], 8u | 2ull << 32);
  EXPECT_EQ(machine.call(avz::calls::domain_next_change, machine.agency()).x[1], slot);
  EXPECT_EQ(machine.console.back(), "slot 2: crashed: unhandled exception at 0x1234, address 0x5678");
  machine.destroy(me);
  EXPECT_EQ(machine.call(avz::calls::domain_info, machine.agency(), {slot}).status(), Status::not_found);
}

// X5: what an ME says about itself is never a reason to stop the machine; what the agency does is.
TEST_F(LifecycleOfAMe, OnlyTheAgencysCrashStopsTheMachine) {
  EXPECT_DEATH(machine.call(avz::calls::crash, machine.agency(), {1, 0, 0}), "the agency crashed");
  machine.call(avz::calls::crash, me, {~std::uint64_t{0}, ~std::uint64_t{0}, ~std::uint64_t{0}});
  EXPECT_EQ(me.crash, abi::CrashReason::panic);
}

}  // namespace
