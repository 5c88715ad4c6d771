// Every pair of states (abi/vbus.hpp). What is not in this table is `unexpected` and changes nothing.
#include "so3/guest/vbus/machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

using vbus::Action;
using vbus::State;
using vbus::Step;

constexpr int states = 12;

const std::map<std::pair<State, State>, Step> moves{
    {{State::initialised, State::connected}, {Action::connect, State::connected}},
    {{State::initialised, State::closing}, {Action::refused, State::closed}},
    {{State::initialised, State::closed}, {Action::refused, State::closed}},
    {{State::connected, State::suspending}, {Action::suspend, State::suspended}},
    {{State::connected, State::reconfiguring}, {Action::renew, State::reconfigured}},
    {{State::connected, State::closed}, {Action::release, State::closed}},
    {{State::suspended, State::resuming}, {Action::resume, State::connected}},
    {{State::suspended, State::reconfiguring}, {Action::renew, State::reconfigured}},
    {{State::suspended, State::closed}, {Action::release, State::closed}},
    {{State::reconfigured, State::connected}, {Action::connect, State::connected}},
    {{State::reconfigured, State::closing}, {Action::refused, State::closed}},
    {{State::reconfigured, State::closed}, {Action::refused, State::closed}},
    {{State::closing, State::closed}, {Action::release, State::closed}},
};

// Backends say these before they have seen what the frontend said.
const std::map<State, std::vector<State>> patience{
    {State::initialised, {State::initialising, State::init_wait}},
    {State::connected, {State::closing, State::resuming}},
    {State::suspended, {State::suspending, State::initialising, State::init_wait}},
    {State::reconfigured, {State::reconfiguring}},
};

bool waits(State own, State backend) {
  if (backend == State::unknown || backend == own || own == State::closing || own == State::closed) return true;
  const auto found = patience.find(own);
  return found != patience.end() && std::ranges::count(found->second, backend) != 0;
}

TEST(VbusMachine, EveryPairOfStates) {
  for (int o = 0; o < states; ++o)
    for (int b = 0; b < states; ++b) {
      const auto own = static_cast<State>(o), backend = static_cast<State>(b);
      const auto step = vbus::step(own, backend);
      SCOPED_TRACE(std::string{abi::vbus::name(own)} + " / " + std::string{abi::vbus::name(backend)});
      if (const auto move = moves.find({own, backend}); move != moves.end()) {
        EXPECT_EQ(step.action, move->second.action);
        EXPECT_EQ(step.next, move->second.next);
      } else {
        EXPECT_EQ(step.action, waits(own, backend) ? Action::none : Action::unexpected);
        EXPECT_EQ(step.next, own);
      }
    }
}

TEST(VbusMachine, NumbersFromOutsideAreHarmless) {
  EXPECT_EQ(vbus::step(State::connected, static_cast<State>(99)).action, Action::unexpected);
}

}  // namespace
