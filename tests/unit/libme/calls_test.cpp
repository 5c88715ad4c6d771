// What callbacks get, what comes back, and what happens when none is written (M48 to M58; design.md, the open points).
#include "libme/calls.hpp"

#include <me/me.hpp>

#include "so3/kernel/shared.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

soo_domcall_arg_t cooperated;

}  // namespace

// The one callback that is written here; the others are the defaults.
int cb_cooperate(soo_domcall_arg_t* args) {
  cooperated = *args;
  return 3;
}
void* app_thread_main(void*) { return nullptr; }

namespace {

using abi::DcEvent;
using abi::Domcall;

struct CallsTest : World {};

TEST_F(CallsTest, DefaultsAreThePublishedOnes) {
  const auto propagate = me::run_domcall(Domcall::pre_propagate, {});
  EXPECT_EQ(propagate.words[0], std::uint64_t{PROPAGATE_STATUS_NO});
  EXPECT_EQ(me::run_domcall(Domcall::pre_activate, {}).value, 0);
  EXPECT_NE(me::run_domcall(Domcall::kill_me, {}).value, 0);
  for (const auto event : {DcEvent::pre_suspend, DcEvent::pre_resume, DcEvent::post_activate})
    EXPECT_EQ(me::run_dc_event(event, 0), 0);
}

TEST_F(CallsTest, M53_InitiatorSeesItsTarget) {
  const auto answer = me::run_domcall(Domcall::cooperate, {1, 5 | std::uint64_t{1} << 32, 0x77, 0x88, 0x10'0001'0000});
  EXPECT_EQ(answer.value, 3);
  EXPECT_EQ(cooperated.cmd, CB_COOPERATE);
  EXPECT_EQ(cooperated.slotID, 2u);
  EXPECT_EQ(cooperated.__agency_ctl, agency_ctl);
  const me::Cooperation cooperation{cooperated};
  EXPECT_EQ(cooperation.role(), me::Role::initiator);
  EXPECT_FALSE(cooperation.alone());
  EXPECT_EQ(cooperation.peer().slotID, 5u);
  EXPECT_TRUE(cooperation.peer().spad.valid);
  EXPECT_EQ(cooperation.peer().spid, 0x77u);
  EXPECT_EQ(cooperation.peer().spad.spadcaps, 0x88u);
  EXPECT_EQ(cooperation.peer().pfn, 0x10'0001'0000u >> 12);
}

TEST_F(CallsTest, M52_AloneIsDelivered) {
  me::run_domcall(Domcall::cooperate, {1 | std::uint64_t{1} << 32});
  EXPECT_TRUE(me::Cooperation{cooperated}.alone());
  EXPECT_EQ(me::Cooperation{cooperated}.kill_peer().error(), me::Error::wrong_state);
}

TEST_F(CallsTest, UnknownEventsAreRefusedByName) {
  EXPECT_EQ(me::run_dc_event(static_cast<DcEvent>(77), 0), ME_ENOTSUP);
  EXPECT_NE(console().find("dc_event 77"), std::string::npos);
}

}  // namespace
