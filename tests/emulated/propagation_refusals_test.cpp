// Propagation and moves that cannot be: each says why, and the ME lives on where it was.
#include "tests/emulated/neighbours_fixture.hpp"

namespace emulated {
namespace {

using namespace std::chrono_literals;

class PropagationRefusalsTest : public NeighboursTest {
 protected:
  // A move and a propagation are refused with these words; the ME lives on.
  void refused(std::uint32_t slot, std::string_view to, std::string_view words, Errc code) {
    const auto before = at(0).all();
    const auto moved = at(0)->migrate(slot, to);
    ASSERT_FALSE(moved);
    EXPECT_NE(moved.error().message.find(words), std::string::npos) << moved.error().message;
    EXPECT_EQ(moved.error().code, code) << moved.error().message;
    const auto copied = at(0)->propagate(slot, to);
    ASSERT_FALSE(copied);
    EXPECT_NE(copied.error().message.find(words), std::string::npos) << copied.error().message;
    EXPECT_EQ(copied.error().code, code) << copied.error().message;
    const auto after = at(0).all();
    EXPECT_EQ(after.size(), before.size());
    for (const auto& [instance, me] : before) {
      ASSERT_TRUE(after.contains(instance));
      EXPECT_EQ(after.at(instance).state, me.state);
    }
  }
};

TEST_P(PropagationRefusalsTest, NoSuchNeighbourAndNoSuchMe) {
  boot(2);
  const auto slot = at(0).inject(traveller());
  refused(slot, "so2", "not linked", Errc::not_found);
  refused(slot, "so9", "not linked", Errc::not_found);
  refused(slot, "so1", "itself", Errc::usage);
  const auto alone = at(0)->propagate(slot);
  ASSERT_FALSE(alone);
  EXPECT_NE(alone.error().message.find("no neighbours"), std::string::npos) << alone.error().message;
  EXPECT_EQ(alone.error().code, Errc::not_found);
  link(0, 1);
  for (const std::uint32_t empty : {0U, 1U, slot + 1, 257U, 0xffffffffU})
    refused(empty, "so2", fmt::format("slot {} is empty", empty), Errc::not_found);
  EXPECT_TRUE(at(1).all().empty());
  EXPECT_EQ(at(0)->migrate(slot, "so2").has_value(), true);
}

TEST_P(PropagationRefusalsTest, NoMemoryThere) {
  options_.memory_mb = 96;
  boot(2);
  link(0, 1);
  // All that is there is promised to others.
  while (at(1)->inject(trouble("quiet"))) {
  }
  const auto full = at(1).all().size();
  const auto slot = at(0).inject(traveller());
  refused(slot, "so2", "memory", Errc::no_room);
  EXPECT_EQ(at(1).all().size(), full);
}

// M51: cb_pre_activate says that this is no place for it.
TEST_P(PropagationRefusalsTest, DeclinedByTheMeThere) {
  boot(2);
  link(0, 1);
  const auto slot = at(0).inject(traveller("settler"));
  refused(slot, "so2", "cb_pre_activate", Errc::wrong_state);
  EXPECT_TRUE(at(1).all().empty());
  EXPECT_FALSE(at(1)->store_list("soo/me/2"));
}

// M50, M55: no, and not now.
TEST_P(PropagationRefusalsTest, TheMeItselfSaysNo) {
  boot(2);
  link(0, 1);
  const auto slot = at(0).inject(traveller("homebody"));
  const auto copied = at(0)->propagate(slot);
  ASSERT_FALSE(copied);
  EXPECT_NE(copied.error().message.find("cb_pre_propagate"), std::string::npos) << copied.error().message;
  EXPECT_EQ(copied.error().code, Errc::wrong_state);
  const auto moved = at(0)->migrate(slot, "so2");
  ASSERT_FALSE(moved);
  EXPECT_NE(moved.error().message.find("cb_pre_suspend"), std::string::npos) << moved.error().message;
  EXPECT_EQ(moved.error().code, Errc::wrong_state);
  EXPECT_EQ(at(0).all().size(), 1U);
  EXPECT_TRUE(at(1).all().empty());
}

FOR_EACH_PAIR_OF_GICS(PropagationRefusalsTest);

}  // namespace
}  // namespace emulated
