// The two machines of vbus, frontend's and backend's: every pair of states, and both against each other.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "so3/agency/bus/states.hpp"
#include "so3/guest/vbus/machine.hpp"

namespace agency {
namespace {

using abi::vbus::State;
using backend::Action;
using backend::Move;

constexpr State all[] = {State::unknown,      State::initialising, State::init_wait, State::initialised,
                         State::connected,    State::closing,      State::closed,    State::reconfiguring,
                         State::reconfigured, State::suspending,   State::suspended, State::resuming};

// E13, M37: what is not in this table changes nothing.
TEST(BusStates, EveryPair) {
  const std::map<std::pair<State, State>, Move> table{
      {{State::unknown, State::initialised}, {Action::connect, State::connected}},
      {{State::unknown, State::suspended}, {Action::expect, State::reconfiguring}},
      {{State::closed, State::initialised}, {Action::connect, State::connected}},
      {{State::connected, State::suspended}, {Action::wake, State::resuming}},
      {{State::suspending, State::suspended}, {Action::quiet, State::suspended}},
      {{State::resuming, State::connected}, {Action::resume, State::connected}},
      {{State::reconfiguring, State::reconfigured}, {Action::connect, State::connected}},
  };
  for (const State own : all)
    for (const State frontend : all) {
      Move wanted{Action::none, own};
      if (const auto row = table.find({own, frontend}); row != table.end()) wanted = row->second;
      if (frontend == State::closing) wanted = {Action::close, State::closed};
      if ((frontend == State::closed || frontend == State::unknown) && own != State::unknown)
        wanted = {Action::forget, State::unknown};
      const auto move = backend::follow(own, frontend);
      EXPECT_EQ(move.action, wanted.action) << name(own) << ' ' << name(frontend);
      EXPECT_EQ(move.next, wanted.next) << name(own) << ' ' << name(frontend);
    }
}

TEST(BusStates, WhatTheAgencyAsksFor) {
  for (const State own : all) {
    EXPECT_EQ(backend::suspend(own), own == State::connected ? State::suspending : own);
    EXPECT_EQ(backend::resume(own), own == State::suspending || own == State::suspended ? State::resuming : own);
  }
}

struct Pair {
  State backend, frontend;
  friend auto operator<=>(const Pair&, const Pair&) = default;
};

// Where both machines can come from `start`, each looking at the other whenever it likes; and where nothing moves.
std::set<Pair> rest_of(Pair start, std::set<Pair>* seen = nullptr) {
  std::set<Pair> known{start}, still;
  for (std::vector<Pair> todo{start}; !todo.empty();) {
    const Pair p = todo.back();
    todo.pop_back();
    const Pair next[] = {{backend::follow(p.backend, p.frontend).next, p.frontend},
                         {p.backend, vbus::step(p.frontend, p.backend).next}};
    if (next[0] == p && next[1] == p) still.insert(p);
    for (const auto& n : next)
      if (known.insert(n).second) todo.push_back(n);
  }
  if (seen != nullptr) *seen = known;
  return still;
}

TEST(BusStates, BothComeTogetherInAnyOrder) {
  EXPECT_EQ(rest_of({State::unknown, State::initialised}), (std::set<Pair>{{State::connected, State::connected}}));
  EXPECT_EQ(rest_of({State::unknown, State::suspended}), (std::set<Pair>{{State::connected, State::connected}}));
  EXPECT_EQ(rest_of({State::suspending, State::connected}), (std::set<Pair>{{State::suspended, State::suspended}}));
  EXPECT_EQ(rest_of({State::resuming, State::suspended}), (std::set<Pair>{{State::connected, State::connected}}));
}

// The agency gives up the wait at any moment: wherever they are, both come back.
TEST(BusStates, ASuspendGivenUpIsUndone) {
  std::set<Pair> anywhere;
  rest_of({State::suspending, State::connected}, &anywhere);
  for (const auto& p : anywhere)
    EXPECT_EQ(rest_of({backend::resume(p.backend), p.frontend}), (std::set<Pair>{{State::connected, State::connected}}))
        << name(p.backend) << ' ' << name(p.frontend);
}

// A frontend that saw "Suspending" and was slow to say so, when its backend has been told to go on.
TEST(BusStates, ALateFrontendIsBroughtBack) {
  EXPECT_EQ(rest_of({State::connected, State::suspended}), (std::set<Pair>{{State::connected, State::connected}}));
}

}  // namespace
}  // namespace agency
