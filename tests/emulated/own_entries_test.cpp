// What an author has in vbstore goes with the ME, whichever way it goes; watches stay, and nothing stays behind (M62, E30).
#include "tests/emulated/neighbours_fixture.hpp"

namespace emulated {
namespace {

class OwnEntriesTest : public NeighboursTest {
 protected:
  void SetUp() override {
    NeighboursTest::SetUp();
    boot(2);
    link(0, 1);
    (void)at(1).inject(trouble("quiet"));  // so that the number of the slot differs
    slot_ = at(0).inject(capsule("tests/target/keeper/keeper.itb"));
    expect_told(0, slot_, "born");
  }
  void TearDown() override {
    NeighboursTest::TearDown();
    fs::remove(file_);
  }
  // What a keeper (tests/target/keeper) finds of its own, and what the agency has.
  void expect_told(unsigned place, std::uint32_t slot, const std::string& when) {
    const auto begin = fmt::format("{} in {}: ", when, slot);
    for (const char* what :
         {"note = kept", "deep/er = too", "bytes = all", "empty = ", "gone = not found", "that was all"})
      EXPECT_EQ(at(place).line(slot, begin), begin + what);
    const auto own = fmt::format("soo/me/{}/", slot);
    EXPECT_EQ(at(place)->store_read(own + "note"), "kept");
    EXPECT_EQ(at(place)->store_read(own + "deep/er"), "too");
    EXPECT_EQ(at(place)->store_read(own + "bytes").value_or("").size(), 1024U);
    EXPECT_EQ(at(place)->store_read(own + "name"), "test.keeper");
    EXPECT_FALSE(at(place)->store_read(own + "gone"));
  }
  // The watch tells of changes under the number that the slot has now; and the count never falls back.
  std::uint64_t count_told(unsigned place, std::uint32_t slot) {
    const auto begin = fmt::format("told soo/me/{}/count ", slot);
    std::uint64_t count = 0;
    for (int i = 0; i < 5; ++i) {
      const auto line = at(place).line(slot, "told");
      EXPECT_TRUE(line.starts_with(begin)) << line;
      if (!line.starts_with(begin)) break;
      const auto now = std::stoull(line.substr(begin.size()));
      EXPECT_GE(now, count) << line;
      count = now;
    }
    return count;
  }
  std::uint32_t slot_ = 0;
  fs::path file_ = fs::path(testing::TempDir()) / fmt::format("entries-{}.me", ::getpid());
};

TEST_P(OwnEntriesTest, MoveWithIt) {
  const auto before = count_told(0, slot_);
  const auto there = at(0)->migrate(slot_, "so2");
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_NE(*there, slot_);
  expect_told(1, *there, "active");
  EXPECT_GE(count_told(1, *there), before);
  EXPECT_FALSE(at(0)->store_list(fmt::format("soo/me/{}", slot_)));
  EXPECT_FALSE(at(1)->store_list(fmt::format("soo/me/{}", slot_))->empty()) << "the ME that has this number there";
}

TEST_P(OwnEntriesTest, AreCopiedWithItAndStayWithTheOriginal) {
  const auto before = count_told(0, slot_);
  for (auto& place : places_) place->forget();
  ASSERT_TRUE(at(0)->propagate(slot_));
  expect_told(0, slot_, "active");
  EXPECT_GE(count_told(0, slot_), before);
  for (const auto& [instance, me] : at(1).all()) {
    if (me.name != "test.keeper") continue;
    expect_told(1, me.slot, "active");
    EXPECT_GE(count_told(1, me.slot), before);
  }
}

TEST_P(OwnEntriesTest, ComeBackFromAFile) {
  const auto before = count_told(0, slot_);
  const auto saved = at(0)->snapshot(slot_, file_);
  ASSERT_TRUE(saved) << saved.error().message;
  at(0).forget();
  const auto twin = at(0)->restore(file_);
  ASSERT_TRUE(twin) << twin.error().message;
  expect_told(0, *twin, "active");
  const auto count = count_told(0, *twin);
  EXPECT_GE(count, before);
  EXPECT_LE(count, before + 1000) << "it goes on from the snapshot";
  ASSERT_TRUE(at(0)->kill(*twin));
  EXPECT_FALSE(at(0)->store_list(fmt::format("soo/me/{}", *twin)));
  EXPECT_EQ(at(0)->store_read(fmt::format("soo/me/{}/note", slot_)), "kept") << "the original's are its own";
}

INSTANTIATE_TEST_SUITE_P(Gics, OwnEntriesTest, testing::Values(Gics{2, 3}),
                         [](const auto&) { return std::string("v2v3"); });

}  // namespace
}  // namespace emulated
