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

struct Weather {
  static constexpr std::uint64_t species = me::species::outdoor;
  static constexpr std::uint32_t version = 2;
  int temperature;
};
struct NewerWeather {
  static constexpr std::uint64_t species = me::species::outdoor;
  static constexpr std::uint32_t version = 3;
  int temperature;
};

struct TargetTest : CallsTest {
  // As target of an ME of that species, which shows a page.
  void called(std::uint64_t spid, std::uint32_t bytes, std::uint32_t version) {
    me::run_domcall(Domcall::cooperate, {2, 5, spid, 0, page, bytes | std::uint64_t{version} << 32});
  }
  static constexpr std::uint64_t page = 0x10'001f'f000;
};

// P24: nobody sees a page that is not what it expects.
TEST_F(TargetTest, APageIsSeenIfSpeciesSizeAndVersionFit) {
  called(me::species::outdoor, sizeof(Weather), 2);
  EXPECT_EQ(cooperated.u.cooperate_args.u.initiator_coop.pfn, 0u);
  EXPECT_NE(console().find("nothing was said with me_expect_page"), std::string::npos) << console();
  ASSERT_TRUE(me::expect_page<Weather>());
  called(me::species::outdoor, sizeof(Weather), 2);
  const me::Cooperation cooperation{cooperated};
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(cooperation.page().as<Weather>()), page);
  EXPECT_EQ(cooperation.page().as<NewerWeather>(), nullptr);
  called(me::species::outdoor, sizeof(Weather), 3);
  EXPECT_EQ(me::Cooperation{cooperated}.page().as<Weather>(), nullptr);
  EXPECT_NE(console().find("is version 3, 4 bytes; this ME expects version 2, 4 bytes: not shown"), std::string::npos)
      << console();
  called(me::species::outdoor, 8, 2);
  EXPECT_EQ(cooperated.u.cooperate_args.u.initiator_coop.pfn, 0u);
}

TEST_F(TargetTest, ExpectationsAreBounded) {
  for (std::uint64_t spid = 1000; me_expect_page(spid, 4, 1) == ME_OK; ++spid) ASSERT_LT(spid, 1000 + ME_EXPECTED_MAX);
  EXPECT_EQ(me_expect_page(1000, 4, 2), ME_OK) << "said anew";
  EXPECT_EQ(me_expect_page(1, 4097, 1), ME_EINVAL);
}

TEST_F(TargetTest, PagesToShow) {
  void* const mine = me_alloc_page();
  ASSERT_NE(mine, nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(mine) % 4096, 0u);
  EXPECT_EQ(me_show_page(static_cast<char*>(mine) + 8, 8, 1), ME_EINVAL);
  EXPECT_EQ(me_show_page(mine, 4097, 1), ME_EINVAL);
  EXPECT_EQ(me_show_page(mine, 0, 1), ME_EINVAL);
  EXPECT_EQ(me_show_page(mine, 8, 1), ME_OK);
  EXPECT_EQ(me_show_page(nullptr, 0, 0), ME_OK);
  me_free_page(mine);
}

TEST_F(CallsTest, UnknownEventsAreRefusedByName) {
  EXPECT_EQ(me::run_dc_event(static_cast<DcEvent>(77), 0), ME_ENOTSUP);
  EXPECT_NE(console().find("dc_event 77"), std::string::npos);
}

}  // namespace
