// M3 to M8, M12, M20, M21, M23.
#include "libme/identity.hpp"

#include <me/me.hpp>

#include "libme/activation.hpp"
#include "tests/unit/guest/world.hpp"
#include "tests/unit/libme/me_node.hpp"

namespace {

struct IdentityTest : StoreWorld {
  void boot(const MeNode& node) {
    tree = std::make_unique<MeTreeBlob>(node);
    tree->publish();
    me::read_identity();
  }
  hypercall::Arguments published() const { return avz.log().back().arguments; }
  std::unique_ptr<MeTreeBlob> tree;
};

TEST_F(IdentityTest, M3_ComesFromTheDeviceTree) {
  boot({.spid = {0x0020000000000002}, .spadcaps = {5, 6}, .name = "SOO.outdoor", .description = "weather"});
  EXPECT_EQ(get_spid(), 0x0020000000000002u);
  EXPECT_STREQ(get_me_name(), "SOO.outdoor");
  EXPECT_STREQ(get_me_shortdesc(), "weather");
  EXPECT_EQ(ME_domID(), 2u);
}

TEST_F(IdentityTest, M21_OneToEightSpads) {
  boot({.spadcaps = {1, 2, 3, 4, 5, 6, 7, 8}});
  std::uint64_t masks[3] = {};
  EXPECT_EQ(get_spadcaps(masks, 3), 8u);
  EXPECT_EQ(masks[2], 3u);
}

TEST_F(IdentityTest, M7_LongestDescriptionPasses) {
  const std::string longest(ME_SHORTDESC_MAX, 'd');
  boot({.description = longest});
  EXPECT_EQ(me::activate(), abi::Status::ok);
  EXPECT_EQ(value("soo/me/2/shortdesc"), longest);
}

TEST_F(IdentityTest, M8_FourEntriesInThePublishedFormats) {
  boot({.spadcaps = {0xAB}});
  ASSERT_EQ(me::activate(), abi::Status::ok);
  EXPECT_EQ(value("soo/me/2/spid"), "10000000000001");
  EXPECT_EQ(value("soo/me/2/spadcaps"), "ab");
  EXPECT_EQ(value("soo/me/2/name"), "SOO.refso3");
  EXPECT_EQ(value("soo/me/2/shortdesc"), "for tests");
  EXPECT_EQ(me::close(), abi::Status::ok);
  EXPECT_FALSE(exists("soo/me/2"));
}

TEST_F(IdentityTest, ZeroCapabilitiesAreOneDigit) {
  boot({});
  ASSERT_EQ(me::activate(), abi::Status::ok);
  EXPECT_EQ(value("soo/me/2/spadcaps"), "0");
  EXPECT_EQ(me::close(), abi::Status::ok);
}

TEST_F(IdentityTest, FrontendThatIsNotThereEndsTheActivation) {
  boot({.frontends = {"vnowhere"}});
  EXPECT_EQ(me::activate(), abi::Status::not_found);
  EXPECT_NE(console().find("vnowhere/0"), std::string::npos);
  EXPECT_EQ(me::close(), abi::Status::ok);
  EXPECT_FALSE(exists("device/2"));
}

TEST_F(IdentityTest, M23_CooperationIsToldToAvz) {
  boot({.spadcaps = {9}});
  EXPECT_FALSE(get_ME_desc()->spad.valid);
  spad_enable_cooperate();
  EXPECT_EQ(published(), (hypercall::Arguments{0, 0x0010000000000001, 9, 1}));
  EXPECT_TRUE(get_ME_desc()->spad.valid);
  spad_disable_cooperate();
  EXPECT_EQ(published()[3], 0u);
}

TEST_F(IdentityTest, DeviceTreeCanBeWillingFromTheStart) {
  boot({.cooperate = true});
  spad_disable_cooperate();
  spad_reset();
  EXPECT_EQ(published()[3], 1u);
}

using IdentityDeathTest = IdentityTest;
TEST_F(IdentityDeathTest, M4_MissingSpidEndsTheMeWithItsName) {
  EXPECT_EXIT(boot({.spid = {}}), testing::ExitedWithCode(static_cast<int>(abi::CrashReason::panic)), "spid");
}
TEST_F(IdentityDeathTest, M6_NameOf40BytesEndsTheMe) {
  EXPECT_EXIT(boot({.name = std::string(40, 'n')}), testing::ExitedWithCode(static_cast<int>(abi::CrashReason::panic)),
              "me_name has 40 bytes; at most 39");
}
TEST_F(IdentityDeathTest, M7_DescriptionOf1025BytesEndsTheMe) {
  EXPECT_EXIT(boot({.description = std::string(1025, 'd')}),
              testing::ExitedWithCode(static_cast<int>(abi::CrashReason::panic)), "me_shortdesc has 1025 bytes");
}

TEST(Species, M12_M20_NumbersAndFamilies) {
  EXPECT_EQ(me::species::refso3, 0x0010000000000001u);
  EXPECT_EQ(me::family_name(me::species::refso3), "basic");
  EXPECT_EQ(me::family_name(me::species::blind), "domotics");
  EXPECT_EQ(me::family_name(me::species::net), "system");
  EXPECT_EQ(me::family_name(0x0040000000000001), "unknown");
  EXPECT_TRUE(me::is_family(me::species::agency, me::Family::system));
}

}  // namespace
