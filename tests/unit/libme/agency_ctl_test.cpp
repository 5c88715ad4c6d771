#include <me/me.hpp>

#include <cstring>

#include "so3/abi/agency_ctl.hpp"
#include "so3/kernel/include/so3/spinlock.hpp"
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

TEST_F(AgencyCtlTest, OthersConcernDomcallsAndThreadsThatHaveTheStore) {
  EXPECT_EQ(me::state_of(3).error(), me::Error::wrong_state) << "before it is activated";
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

TEST_F(AgencyCtlTest, AttributesAre24Bits) {
  in_domcall();
  avz.on(abi::Call::domcall_request, [](const hypercall::Arguments& x) {
    EXPECT_EQ(x[2], 6u);
    EXPECT_EQ(x[3], 0x800001u);
    return hypercall::Answer{0, {0, 0, 0, 1}};
  });
  EXPECT_TRUE(*me::has_devices(DEVCAPS_CLASS_DOMOTICS, DEVCAP_BLIND_MOTOR | 0x800000));
}

struct Letter {
  static constexpr std::uint64_t species = me::species::refso3;
  static constexpr std::uint32_t version = 4;
  char letter;
};
me::SharedPage<Letter> letter;
static_assert(sizeof letter == 4096 && alignof(me::SharedPage<Letter>) == 4096);

// What is said of a page goes with it, whoever shows it.
TEST_F(AgencyCtlTest, APageIsShownWithItsSizeAndVersion) {
  in_domcall();
  std::vector<hypercall::Arguments> asked;
  avz.on(abi::Call::domcall_request, [&](const hypercall::Arguments& x) {
    asked.push_back(x);
    return hypercall::Answer{};
  });
  soo_domcall_arg_t args{.cmd = CB_COOPERATE, .slotID = 2, .u = {}, .__agency_ctl = agency_ctl};
  args.u.cooperate_args.role = COOPERATE_INITIATOR;
  args.u.cooperate_args.u.target_coop.slotID = 3;
  const auto layout = sizeof(Letter) | std::uint64_t{Letter::version} << 32;
  EXPECT_TRUE(me::Cooperation{args}.cooperate(letter));
  EXPECT_TRUE(me::Cooperation{args}.cooperate(&letter));
  letter.show();
  EXPECT_TRUE(me::Cooperation{args}.cooperate(&letter));
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[0][2], 3u);
  EXPECT_EQ(asked[0][3], reinterpret_cast<std::uintptr_t>(&letter));
  EXPECT_EQ(asked[0][4], layout);
  EXPECT_EQ(asked[1][4], 0u) << "nothing was said of it";
  EXPECT_EQ(asked[2][4], layout);
  EXPECT_EQ(me::Cooperation{args}.cooperate(&letter->letter + 1).error(), me::Error::invalid);
  EXPECT_EQ(me_show_page(nullptr, 0, 0), ME_OK);
}

struct ThreadTest : StoreWorld {};

TEST_F(ThreadTest, AThreadAsksThroughTheStorePageAndWaits) {
  agency_answers = [](agency::Connection::Words words) {
    EXPECT_EQ(words.command, static_cast<std::uint64_t>(abi::AgencyCtl::kill_me));
    EXPECT_EQ(words.words[0], 3u);
    words.words[0] = static_cast<std::uint64_t>(abi::Status::denied);
    return words;
  };
  EXPECT_EQ(me::kill(3).error(), me::Error::denied);
}

TEST_F(ThreadTest, NotFromWhereNothingMayWait) {
  const so3::IrqGuard off;
  EXPECT_EQ(me::kill(3).error(), me::Error::wrong_state);
}

TEST_F(AgencyCtlTest, StateThatIsNoneIsRefused) {
  in_domcall();
  avz.on(abi::Call::domcall_request, [](const hypercall::Arguments&) { return hypercall::Answer{0, {0, 0, 0, 99}}; });
  EXPECT_EQ(me::state_of(3).error(), me::Error::not_supported);
}

}  // namespace
