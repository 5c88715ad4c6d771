// MEs between real machines: copies go to the neighbours, and MEs move.
#include "so3/abi/sequence.hpp"
#include "tests/emulated/neighbours_fixture.hpp"

namespace emulated {
namespace {

using namespace std::chrono_literals;
using PropagationTest = NeighboursTest;

// What the steps of a sequence show from outside.
Names shown_by(std::span<const abi::Step> steps) {
  Names names;
  for (const auto step : steps) {
    if (const auto callback = abi::name(step); callback.starts_with("cb_")) names.emplace_back(callback);
    if (step == abi::Step::suspend) names.emplace_back(abi::name(abi::State::suspended));
    if (step == abi::Step::living) names.emplace_back(abi::name(abi::State::living));
  }
  return names;
}
Names arrival() {
  auto names = shown_by(abi::sequence::arrival.steps);
  names.insert(names.begin(), std::string(abi::name(abi::State::migrating)));
  return names;
}

std::uint64_t only(const std::map<std::uint64_t, engine::MeInfo>& all) {
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? 0 : all.begin()->first;
}

// M48, M60, M61, M62
TEST_P(PropagationTest, ACopyArrivesAndTheResidentLivesOn) {
  boot(2);
  link(0, 1);
  const auto slot = at(0).inject(traveller());
  (void)at(0).line(slot, "born");
  const auto resident = at(0).all();
  const auto said = at(0)->propagate(slot);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(at(0).happened(slot, "ME_state_living"), shown_by(abi::sequence::resident.steps));

  const auto copies = at(1).all();
  const auto copy = only(copies);
  ASSERT_NE(copy, 0U);
  EXPECT_NE(copy, only(resident)) << "a copy is an instance of its own";
  EXPECT_EQ(only(at(0).all()), only(resident));
  const auto there = copies.at(copy).slot;
  EXPECT_EQ(at(1).happened(there, "ME_state_living"), arrival());
  EXPECT_EQ(*said, fmt::format("a copy of ME {} (test.traveller) lives at so2 in slot {}", slot, there));
}

// M62: what an ME has in vbstore is there at the new place, under its new number; nothing remains at the old one.
TEST_P(PropagationTest, AMovedMeHasItsEntriesAtTheNewPlaceOnly) {
  boot(2);
  link(0, 1);
  (void)at(1).inject(trouble("quiet"));  // so that the number of the slot differs
  const auto slot = at(0).inject(refso3());
  (void)at(0).line(slot, "A in domain");
  const auto before = at(0).all();
  const auto there = at(0)->migrate(slot, "so2");
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_NE(*there, slot);
  EXPECT_TRUE(at(0).all().empty());
  EXPECT_FALSE(at(0)->store_list(fmt::format("soo/me/{}", slot)));
  EXPECT_FALSE(at(0)->store_list(fmt::format("device/{}", slot)));
  EXPECT_EQ(at(1)->store_read(fmt::format("soo/me/{}/name", *there)), "SOO.refso3");
  EXPECT_EQ(at(1)->store_read(fmt::format("device/{}/vlogs/0/state", *there)), "4");
  const auto me = at(1).all()[only(before)];
  EXPECT_EQ(me.slot, *there);
  EXPECT_EQ(me.name, "SOO.refso3");
  EXPECT_GT(me.epoch, before.begin()->second.epoch);
  EXPECT_EQ(at(1).line(*there, ""), fmt::format("B in domain {}", *there));
}

// M62: the counter goes on where it was, ahead of that of a machine which is younger; the timers that count on it fire.
TEST_P(PropagationTest, AnMeThatIsOlderThanItsPlaceIsWokenByItsTimers) {
  boot(1);
  const auto slot = at(0).inject(refso3());
  for (int i = 0; i < 3; ++i) (void)at(0).line(slot, "A in domain");  // half a second between two
  boot(1);
  link(0, 1);
  const auto there = at(0)->migrate(slot, "so2");
  ASSERT_TRUE(there) << there.error().message;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(at(1).line(*there, ""), fmt::format("B in domain {}", *there));
}

// Memory, count and clock go on; the place is another one.
TEST_P(PropagationTest, AMovedMeGoesOnWhereItWasAndKnowsWhereItIs) {
  boot(2);
  link(0, 1);
  auto slot = at(0).inject(traveller());
  const auto born = at(0).line(slot, "born");
  EXPECT_NE(born.find("at so1 "), std::string::npos) << born;
  for (unsigned hop = 1; hop <= 6; ++hop) {
    auto& from = at(1 - hop % 2);
    auto& to = at(hop % 2);
    const auto began = Clock::now();
    const auto there = from->migrate(slot, to.name());
    ASSERT_TRUE(there) << there.error().message;
    slot = *there;
    const auto line = to.line(slot, "active");
    const auto took = Clock::now() - began;
    EXPECT_TRUE(line.starts_with(fmt::format("active hop {} ", hop))) << line;
    EXPECT_NE(line.find(" intact "), std::string::npos) << line;
    EXPECT_NE(line.find(fmt::format(" at {} ", to.name())), std::string::npos) << line;
    EXPECT_EQ(line.find("TIME WENT BACK"), std::string::npos) << line;
    const auto gap = std::stoull(line.substr(line.find("gap ") + 4));
    EXPECT_LE(std::chrono::microseconds(gap), took) << line;
    EXPECT_TRUE(from.all().empty());
  }
}

// M25, M26: an ME that logs without a pause loses no line and doubles none.
TEST_P(PropagationTest, LogLinesGoOnWithNothingLostOrDoubled) {
  boot(2);
  link(0, 1);
  auto slot = at(0).inject(traveller("chronicler"));
  unsigned expected = 0;
  const auto read = [&](Place& place, unsigned count) {
    for (unsigned i = 0; i < count; ++i, ++expected)
      ASSERT_EQ(place.line(slot, "line"), fmt::format("line {}", expected));
  };
  read(at(0), 200);
  for (unsigned hop = 1; hop <= 4 && !HasFailure(); ++hop) {
    auto& from = at(1 - hop % 2);
    auto& to = at(hop % 2);
    const auto there = from->migrate(slot, to.name());
    ASSERT_TRUE(there) << there.error().message;
    while (!HasFailure()) {  // to the last line that it logged there
      const auto line = from.line_or_death(slot, "line");
      if (line.empty()) break;
      ASSERT_EQ(line, fmt::format("line {}", expected++));
    }
    slot = *there;
    read(to, 200);
  }
}

TEST_P(PropagationTest, EveryPeriodTheWillingAreAsked) {
  boot(3);
  link(0, 1);
  link(0, 2);
  const auto willing = at(0).inject(traveller());
  const auto unwilling = at(0).inject(traveller("homebody"));
  at(0).forget();
  ASSERT_TRUE(at(0)->set_period(50ms));
  // Twice each: the period goes on.
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(at(1).transferred(true).status, abi::Status::ok);
    EXPECT_EQ(at(2).transferred(true).status, abi::Status::ok);
  }
  ASSERT_TRUE(at(0)->set_period(0ms));
  ASSERT_TRUE(at(0)->list());  // what was told before the answer has come
  const auto asked = at(0).happened_until_now(unwilling);
  EXPECT_GE(asked.size(), 1U);
  for (const auto& what : asked) EXPECT_EQ(what, "cb_pre_propagate");  // M50: and nothing after it
  for (auto* place : {&at(1), &at(2)})
    for (const auto& [instance, me] : place->all()) EXPECT_EQ(me.name, "test.traveller");
  EXPECT_EQ(at(0).all().size(), 2U) << willing;
}

// The newcomer makes the resident give way: a decision of the MEs (M54).
TEST_P(PropagationTest, OfTwoRefso3TheNewcomerStays) {
  boot(2);
  link(0, 1);
  const auto resident = at(1).inject(refso3());
  (void)at(1).line(resident, "A in domain");
  const auto old = only(at(1).all());
  const auto slot = at(0).inject(refso3());
  (void)at(0).line(slot, "A in domain");
  const auto moved = only(at(0).all());
  const auto there = at(0)->migrate(slot, "so2");
  ASSERT_TRUE(there) << there.error().message;
  const auto of_old = at(1).happened(resident, "ME_state_dead");
  EXPECT_NE(std::ranges::find(of_old, "cb_cooperate"), of_old.end());
  const auto all = at(1).all();
  EXPECT_FALSE(all.contains(old));
  EXPECT_TRUE(all.contains(moved));
  EXPECT_FALSE(at(1)->store_list(fmt::format("soo/me/{}", resident)));
}

TEST_P(PropagationTest, ThreeInARing) {
  boot(3);
  for (unsigned i = 0; i < 3; ++i) link(i, (i + 1) % 3);
  auto slot = at(0).inject(traveller());
  const auto instance = only(at(0).all());
  for (unsigned hop = 0; hop < 9; ++hop) {
    const auto there = at(hop % 3)->migrate(slot, at((hop + 1) % 3).name());
    ASSERT_TRUE(there) << there.error().message;
    slot = *there;
    EXPECT_EQ(lives(instance), 1U);
  }
  EXPECT_TRUE(at(0).line(slot, "active hop 9 ").find("intact") != std::string::npos);
}

// A sleeper sets itself dormant in cb_pre_activate where it arrives.
TEST_P(PropagationTest, ADormantMeIsAskedAndMaySleepOnWhereItArrives) {
  boot(2);
  link(0, 1);
  const auto slot = at(0).inject(traveller("sleeper"));
  (void)at(0).happened(slot, "ME_state_dormant");
  engine::Result<std::string> said;
  (void)tests::wait_until([&] {  // it may still be going to rest
    said = at(0)->propagate(slot);
    return said || said.error().code != Errc::wrong_state;
  });
  ASSERT_TRUE(said) << said.error().message;
  const auto copies = at(1).all();
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_EQ(copies.begin()->second.state, abi::State::dormant);
  EXPECT_EQ(at(0).all().begin()->second.state, abi::State::dormant);
}

FOR_EACH_PAIR_OF_GICS(PropagationTest);

}  // namespace
}  // namespace emulated
