#include <me/me.hpp>

#include <cstring>

#include "so3/abi/agency_ctl.hpp"
#include "so3/kernel/scheduler.hpp"
#include "so3/kernel/shared.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

struct AgencyCtlTest : World {
  AgencyCtlTest() {
    kernel::shared().agency_uid = 0xA1;
    std::memcpy(kernel::shared().soo_name, "so1", 4);
    kernel::shared().state = static_cast<std::uint32_t>(abi::State::living);
  }
  void in_domcall() { kernel::current_thread().kind = kernel::ThreadKind::domcall; }
  ~AgencyCtlTest() override { kernel::current_thread().kind = kernel::ThreadKind::boot; }
};

TEST_F(AgencyCtlTest, PlaceAndOwnStateAreKnownAnywhere) {
  EXPECT_EQ(me::agency_uid()->value, 0xA1u);
  agency_ctl_args_t args{.slotID = 0, .cmd = AG_SOO_NAME, .u = {}};
  ASSERT_EQ(agency_ctl(&args), ME_OK);
  EXPECT_STREQ(args.u.soo_name, "so1");
  EXPECT_EQ(*me::state_of(2), me::State::living);
  EXPECT_EQ(avz.log().size(), 0u);
}

TEST_F(AgencyCtlTest, OthersConcernDomcallsOnly) {
  EXPECT_EQ(me::state_of(3).error(), me::Error::wrong_state);
  in_domcall();
  avz.on(abi::Call::domcall_request, [](const hypercall::Arguments& x) {
    EXPECT_EQ(x[1], static_cast<std::uint64_t>(abi::AgencyCtl::get_state));
    EXPECT_EQ(x[2], 3u);
    return hypercall::Answer{0, {0, 0, 0, 5}};  // word 0 = ok, word 1 = dormant
  });
  EXPECT_EQ(*me::state_of(3), me::State::dormant);
}

TEST_F(AgencyCtlTest, RefusalsOfTheAgencyAreErrors) {
  in_domcall();
  avz.on(abi::Call::domcall_request, [](const hypercall::Arguments&) {
    return hypercall::Answer{0, {0, 0, static_cast<std::uint64_t>(abi::Status::denied)}};
  });
  agency_ctl_args_t args{.slotID = 3, .cmd = AG_KILL_ME, .u = {}};
  EXPECT_EQ(agency_ctl(&args), ME_EDENIED);
  avz.answer(abi::Call::domcall_request, abi::Status::bad_state);
  EXPECT_EQ(agency_ctl(&args), ME_ESTATE);
}

TEST_F(AgencyCtlTest, StateThatIsNoneIsRefused) {
  in_domcall();
  avz.on(abi::Call::domcall_request, [](const hypercall::Arguments&) { return hypercall::Answer{0, {0, 0, 0, 99}}; });
  EXPECT_EQ(me::state_of(3).error(), me::Error::not_supported);
}

}  // namespace
