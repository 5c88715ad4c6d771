// M32 to M43: what an ME may make of itself, from everywhere.
#include <me/me.hpp>

#include "so3/abi/lifecycle.hpp"
#include "so3/guest/domcall.hpp"
#include "so3/kernel/scheduler.hpp"
#include "so3/kernel/shared.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

using abi::Context;
using abi::State;

struct StateTest : World {
  StateTest() {
    avz.on(abi::Call::set_state, [](const hypercall::Arguments& x) {
      kernel::shared().state = static_cast<std::uint32_t>(x[1]);
      return hypercall::Answer{};
    });
  }
  bool moves(State from, State to) {
    kernel::shared().state = static_cast<std::uint32_t>(from);
    const auto before = avz.count(abi::Call::set_state);
    const auto changed = me::set_state(static_cast<me::State>(to));
    EXPECT_EQ(changed.has_value(), avz.count(abi::Call::set_state) == before + 1);
    if (!changed) {
      EXPECT_EQ(changed.error(), me::Error::wrong_state);
      EXPECT_EQ(kernel::shared().state, static_cast<std::uint32_t>(from));
    }
    return changed.has_value();
  }
  void every_pair(bool (*allowed)(State, State)) {
    for (std::uint32_t f = 0; f < abi::state_count; ++f)
      for (std::uint32_t t = 0; t < abi::state_count; ++t) {
        const auto from = static_cast<State>(f), to = static_cast<State>(t);
        const bool expected = to != State::preparing && allowed(from, to);
        EXPECT_EQ(moves(from, to), expected) << abi::name(from) << " -> " << abi::name(to);
      }
  }
};

bool table(State from, State to, Context context) {
  for (const auto& t : abi::lifecycle)
    if (t.from == from && t.to == to && t.actor == abi::Actor::me &&
        (t.context == Context::any || t.context == context))
      return true;
  return false;
}

TEST_F(StateTest, M32_InAThread) {
  every_pair([](State from, State to) { return table(from, to, Context::any); });
}

TEST_F(StateTest, M32_InADomcall) {
  static StateTest* self;
  self = this;
  guest::set_domcall_handler([](abi::Domcall, const hypercall::Payload&) {
    self->every_pair([](State from, State to) { return table(from, to, Context::domcall); });
    return guest::DomcallAnswer{};
  });
  kernel::current_thread().kind = kernel::ThreadKind::domcall;
  guest::run_domcall(static_cast<std::uint64_t>(abi::Domcall::pre_activate), {});
  kernel::current_thread().kind = kernel::ThreadKind::boot;
  guest::set_domcall_handler(nullptr);
}

TEST_F(StateTest, M42_TargetOfACooperationMayTerminate) {
  static StateTest* self;
  self = this;
  guest::set_domcall_handler([](abi::Domcall, const hypercall::Payload&) {
    EXPECT_TRUE(self->moves(State::living, State::terminated));
    EXPECT_TRUE(self->moves(State::living, State::killed));
    return guest::DomcallAnswer{};
  });
  kernel::current_thread().kind = kernel::ThreadKind::domcall;
  guest::run_domcall(static_cast<std::uint64_t>(abi::Domcall::cooperate),
                     {static_cast<std::uint64_t>(abi::Role::target)});
  kernel::current_thread().kind = kernel::ThreadKind::boot;
  guest::set_domcall_handler(nullptr);
}

TEST_F(StateTest, RefusalNamesStatesAndRemedy) {
  EXPECT_FALSE(moves(State::living, State::killed));
  EXPECT_NE(console().find("ME_state_living -> ME_state_killed refused: only in a domcall"), std::string::npos);
  EXPECT_FALSE(moves(State::booting, State::living));
  EXPECT_NE(console().find("ME_state_booting -> ME_state_living refused"), std::string::npos);
}

TEST_F(StateTest, M33_PublishedCallRefusesQuietlyToTheCaller) {
  kernel::shared().state = static_cast<std::uint32_t>(State::living);
  set_ME_state(ME_state_dead);
  EXPECT_EQ(get_ME_state(), ME_state_living);
  set_ME_state(static_cast<ME_state_t>(77));
  EXPECT_EQ(get_ME_state(), ME_state_living);
}

TEST_F(StateTest, AvzHasTheLastWord) {
  avz.answer(abi::Call::set_state, abi::Status::bad_state);
  kernel::shared().state = static_cast<std::uint32_t>(State::living);
  EXPECT_EQ(me::set_state(me::State::dormant).error(), me::Error::wrong_state);
}

TEST(StateNames, M35_to_M43) {
  const char* const names[] = {"ME_state_booting",   "ME_state_preparing",  "ME_state_living",
                               "ME_state_suspended", "ME_state_migrating",  "ME_state_dormant",
                               "ME_state_killed",    "ME_state_terminated", "ME_state_dead"};
  for (int i = 0; i < 9; ++i) EXPECT_STREQ(get_ME_state_name(static_cast<ME_state_t>(i)), names[i]);
  EXPECT_STREQ(get_ME_state_name(static_cast<ME_state_t>(9)), "ME_state_invalid");
}

}  // namespace
