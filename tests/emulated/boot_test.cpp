// From power on to a living ME.
#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {
namespace {

using BootTest = SmartObjectTest;

TEST_P(BootTest, TheMachineSaysWhatItIs) {
  boot();
  const auto info = so_->info();
  ASSERT_TRUE(info);
  EXPECT_EQ(info->cpus, options_.cpus);
  EXPECT_EQ(info->gic_version, GetParam());
  EXPECT_EQ(info->mes, 0U);
  EXPECT_TRUE(so_->power_off());
}

// M60: cb_pre_activate, then cb_cooperate, then living; before them booting, callbacks_init, preparing (M35 to M37).
TEST_P(BootTest, InjectionFollowsThePublishedSequence) {
  boot();
  const auto slot = inject(refso3());
  EXPECT_EQ(slot, 2U);
  EXPECT_EQ(happened(slot, "ME_state_living"), (Names{"ME_state_booting", "callbacks_init", "ME_state_preparing",
                                                      "cb_pre_activate", "cb_cooperate", "ME_state_living"}));
}

// M8: exactly the four entries, with what the device tree says (M4 to M7).
TEST_P(BootTest, AnMeWritesItsIdentityToTheStore) {
  boot();
  const auto slot = inject(refso3());
  auto keys = so_->store_list(fmt::format("soo/me/{}", slot));
  ASSERT_TRUE(keys) << keys.error().message;
  std::ranges::sort(*keys);
  EXPECT_EQ(*keys, (Names{"name", "shortdesc", "spadcaps", "spid"}));
  EXPECT_EQ(store(fmt::format("soo/me/{}/name", slot)), "SOO.refso3");
  EXPECT_EQ(store(fmt::format("soo/me/{}/shortdesc", slot)),
            "The reference mobile entity: logs a letter and where it lives");
  EXPECT_NE(store(fmt::format("soo/me/{}/spid", slot)).find("10000000000001"), std::string::npos);
}

// M7: 39 bytes of name and 1,024 of description pass end to end.
TEST_P(BootTest, TheLongestNameAndDescriptionPass) {
  boot();
  const auto image = trouble("longest");
  const auto slot = inject(image);
  EXPECT_EQ(store(fmt::format("soo/me/{}/name", slot)), image.me().name);
  const auto description = store(fmt::format("soo/me/{}/shortdesc", slot));
  EXPECT_EQ(description, image.me().description);
  EXPECT_EQ(description.size(), 1024U);
  const auto mes = so_->list();
  ASSERT_TRUE(mes);
  ASSERT_EQ(mes->size(), 1U);
  EXPECT_EQ(mes->front().name, image.me().name);
  EXPECT_EQ(mes->front().spadcaps, 1U);
}

// M13: with a RAM disk, and one program for both.
TEST_P(BootTest, TheConfigurationWithRamfsLivesToo) {
  boot();
  EXPECT_EQ(inject(capsule("templates/refso3/refso3-ramfs.itb")), 2U);
}

FOR_EACH_GIC(BootTest);

}  // namespace
}  // namespace emulated
