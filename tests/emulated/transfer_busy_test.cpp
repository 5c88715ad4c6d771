// More at once than can be: somebody is told to wait, and each ME is alive exactly once.
#include "tests/emulated/neighbours_fixture.hpp"

namespace emulated {
namespace {

class BusyTest : public NeighboursTest {
 protected:
  using Moved = engine::Result<std::uint32_t>;
  template <class Work>
  static auto aside(Work work) {
    return std::async(std::launch::async, work);
  }
  // The transfer that was asked for while another one was under way: it was done after it, or refused in one of these words.
  template <class T>
  void expect_done_or(const engine::Result<T>& result, std::initializer_list<const char*> refusals) {
    if (result) return;
    EXPECT_EQ(result.error().code, Errc::wrong_state) << result.error().message;
    EXPECT_TRUE(std::ranges::any_of(refusals, [&](const char* words) {
      return result.error().message.contains(words);
    })) << result.error().message;
  }
};

constexpr const char* driven = ": wait, or `me kill 2`";
constexpr const char* copied = "is being copied already: wait until that is over";
constexpr const char* gone = "slot 2 is empty";
constexpr const char* moved_away = "moved to so";

TEST_P(BusyTest, TwoMovesOfOneMeAtOnce) {
  boot(3);
  link(0, 1);
  link(0, 2);
  for (int round = 0; round < 5 && !HasFailure(); ++round) {
    const auto slot = at(0).inject(traveller());
    const auto instance = at(0).all().begin()->first;
    auto first = aside([&] { return at(0)->migrate(slot, "so2"); });
    const auto second = at(0)->migrate(slot, "so3");
    const auto one = first.get();
    EXPECT_NE(one.has_value(), second.has_value()) << "one of them moved it";
    const auto& refused = one ? second : one;
    EXPECT_TRUE(refused.error().message.contains(driven) || refused.error().message.contains(gone) ||
                refused.error().message.contains(moved_away))
        << refused.error().message;
    EXPECT_EQ(lives(instance), 1U);
    for (auto& place : places_)
      for (const auto& [id, me] : place->all()) ASSERT_TRUE(place->so().kill(me.slot));
  }
}

TEST_P(BusyTest, AMoveACopyAndASnapshotOfOneMeAtOnce) {
  boot(2);
  link(0, 1);
  const auto file = fs::path(testing::TempDir()) / fmt::format("busy-{}.me", ::getpid());
  for (int round = 0; round < 5 && !HasFailure(); ++round) {
    const auto slot = at(0).inject(traveller());
    const auto instance = at(0).all().begin()->first;
    auto copy = aside([&] { return at(0)->propagate(slot); });
    auto save = aside([&] { return at(0)->snapshot(slot, file); });
    const auto moved = at(0)->migrate(slot, "so2");
    const auto propagated = copy.get();
    const auto saved = save.get();
    EXPECT_TRUE(moved || propagated || saved);
    expect_done_or(moved, {driven, copied});
    if (!moved) {
      expect_done_or(propagated, {driven, copied});
      expect_done_or(saved, {driven, copied});
    }
    EXPECT_EQ(fs::exists(file), saved.has_value());
    fs::remove(file);
    EXPECT_EQ(lives(instance), 1U);
    EXPECT_EQ(at(0).all().contains(instance), !moved);
    EXPECT_EQ(at(0).all().size() + at(1).all().size(), propagated ? 2U : 1U);
    for (auto& place : places_)
      for (const auto& [id, me] : place->all()) ASSERT_TRUE(place->so().kill(me.slot));
  }
}

// More than a neighbour takes at a time, from both sides at once.
TEST_P(BusyTest, AllMesOfBothSidesChangePlacesAtOnce) {
  boot(2);
  link(0, 1);
  constexpr unsigned each = 6;
  std::set<std::uint64_t> instances;
  std::vector<std::future<Moved>> moves;
  std::vector<std::pair<unsigned, std::uint32_t>> from;
  for (unsigned place : {0U, 1U})
    for (unsigned i = 0; i < each; ++i) from.emplace_back(place, at(place).inject(traveller()));
  for (unsigned place : {0U, 1U})
    for (const auto& [instance, me] : at(place).all()) instances.insert(instance);
  for (const auto& [place, slot] : from)
    moves.push_back(aside([this, place, slot] { return at(place)->migrate(slot, at(1 - place).name()); }));
  unsigned done = 0;
  for (auto& move : moves) {
    const auto moved = move.get();
    done += moved.has_value();
    if (moved) continue;
    EXPECT_TRUE(moved.error().message.contains("4 MEs are on their way here from the same place, which are the most"))
        << moved.error().message;
  }
  EXPECT_GE(done, 2U);
  for (const auto instance : instances) EXPECT_EQ(lives(instance), 1U);
  EXPECT_EQ(at(0).all().size() + at(1).all().size(), instances.size());
}

// A ring is no loop: nobody is linked twice.
TEST_P(BusyTest, ALinkThatIsThereIsRefused) {
  boot(3);
  for (unsigned i = 0; i < 3; ++i) link(i, (i + 1) % 3);
  for (unsigned i = 0; i < 3; ++i) {
    const auto again = SmartObject::link(at(i).so(), at((i + 1) % 3).so());
    ASSERT_FALSE(again);
    EXPECT_TRUE(again.error().message.contains("are linked already")) << again.error().message;
    EXPECT_EQ(at(i)->neighbours()->size(), 2U);
  }
}

INSTANTIATE_TEST_SUITE_P(Gics, BusyTest, testing::Values(Gics{2, 3}), [](const auto&) { return std::string("v2v3"); });

}  // namespace
}  // namespace emulated
