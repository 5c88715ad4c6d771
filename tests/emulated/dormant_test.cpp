// MEs that rest, and what becomes of them elsewhere (M39, M48, M60, M62): one that travels lives where it arrives; one that
// comes from a file rests on, and wakes as it would have at home.
#include "so3/abi/sequence.hpp"
#include "tests/emulated/neighbours_fixture.hpp"

namespace emulated {
namespace {

class DormantTest : public NeighboursTest {
 protected:
  void TearDown() override {
    NeighboursTest::TearDown();
    fs::remove(file_);
  }
  // It rests as soon as it lives, and wakes itself in cb_pre_propagate.
  std::uint32_t one_that_rests() {
    const auto slot = at(0).inject(capsule("tests/target/moody/pre_propagate-wake.itb"));
    (void)at(0).line(slot, "here");
    while (at(0).all().begin()->second.state != abi::State::dormant) std::this_thread::yield();
    return slot;
  }
  // A snapshot of it, once nothing is done with it any more; then it is destroyed.
  void save_and_kill(std::uint32_t slot) {
    const auto saved = once_it_rests([&] { return at(0)->snapshot(slot, file_); });
    ASSERT_TRUE(saved) << saved.error().message;
    ASSERT_TRUE(at(0)->kill(slot));
    (void)at(0).happened(slot, "ME_state_dead");
  }
  std::uint32_t restore() {
    const auto slot = at(0)->restore(file_);
    EXPECT_TRUE(slot) << slot.error().message;
    return slot.value_or(0);
  }
  fs::path file_ = fs::path(testing::TempDir()) / fmt::format("dormant-{}.me", ::getpid());
};

TEST_P(DormantTest, MovedItLivesWhereItArrives) {
  boot(2);
  link(0, 1);
  const auto slot = one_that_rests();
  const auto there = once_it_rests([&] { return at(0)->migrate(slot, "so2"); });
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(at(1).happened(*there, "ME_state_living"), (Names{"ME_state_migrating", "cb_pre_activate", "cb_cooperate",
                                                              "cb_pre_resume", "cb_post_activate", "ME_state_living"}));
  EXPECT_EQ(at(1).line(*there, "still"), "still here") << "its thread goes on";
}

TEST_P(DormantTest, RestoredItRestsOnAndWakesThere) {
  boot(2);
  link(0, 1);
  const auto first = one_that_rests();
  save_and_kill(first);
  (void)at(0).inject(trouble("quiet"));  // so that the number of the slot differs
  at(0).forget();
  const auto slot = restore();
  EXPECT_NE(slot, first);
  EXPECT_EQ(at(0).happened(slot, "ME_state_dormant"), (Names{"ME_state_migrating", "ME_state_dormant"}))
      << "it is asked nothing";
  const auto listed = at(0)->list();
  ASSERT_TRUE(listed);
  const auto me = std::ranges::find(*listed, slot, &engine::MeInfo::slot);
  ASSERT_NE(me, listed->end());
  EXPECT_NE(me->spid, 0U);
  EXPECT_EQ(at(0)->store_read(fmt::format("soo/me/{}/name", slot)), "test.pre_propagate-wake");
  EXPECT_FALSE(at(0)->store_list(fmt::format("device/{}", slot))) << "its frontends come when it wakes";

  const auto said = at(0)->propagate(slot);
  ASSERT_TRUE(said) << said.error().message;
  const auto names = at(0).happened(slot, "cb_pre_suspend");
  EXPECT_EQ(names,
            (Names{"cb_pre_propagate", "ME_state_living", "cb_pre_resume", "cb_post_activate", "cb_pre_suspend"}));
  EXPECT_EQ(at(0).line(slot, "still"), "still here");
  EXPECT_EQ(at(0)->store_read(fmt::format("device/{}/vlogs/0/state", slot)), "4");
}

// It may be saved again, moved and ended as any other.
TEST_P(DormantTest, RestoredItIsAnMeAsAnyOther) {
  boot(2);
  link(0, 1);
  save_and_kill(one_that_rests());
  const auto again = restore();
  const auto resaved = at(0)->snapshot(again, file_);
  ASSERT_TRUE(resaved) << resaved.error().message;
  ASSERT_TRUE(at(0)->kill(again));
  const auto once_more = restore();
  const auto there = at(0)->migrate(once_more, "so2");
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(at(1).line(*there, "still"), "still here");
  EXPECT_TRUE(at(0).all().empty());
  const auto last = restore();
  EXPECT_TRUE(at(0)->stop(last, patience));
  EXPECT_TRUE(at(0).all().empty());
}

INSTANTIATE_TEST_SUITE_P(Gics, DormantTest, testing::Values(Gics{2, 3}),
                         [](const auto&) { return std::string("v2v3"); });

}  // namespace
}  // namespace emulated
