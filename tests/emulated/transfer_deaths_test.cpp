// The link is cut, or one of the two machines dies, when message n of a transfer is on its way: for each n.
#include "tests/emulated/transfer_faults_fixture.hpp"

namespace emulated {
namespace {

using namespace std::chrono_literals;

class CutsTest : public TransferFaultsTest {
 protected:
  // Runs `transfer` with the link cut at message n; the link is made again at once.
  template <class Transfer>
  auto with_cut_at(unsigned n, Transfer transfer) {
    plan(Fate::cut, n, 1);
    at_fault_ = [this] { cut_ = true; };
    auto under_way = std::async(std::launch::async, transfer);
    while (!cut_ && under_way.wait_for(1ms) != std::future_status::ready) {
    }
    if (cut_.exchange(false)) {
      expect_no_neighbours();
      link(0, 1, judge());
    }
    return under_way.get();
  }
  std::atomic<bool> cut_ = false;
};

TEST_P(CutsTest, DuringAMove) {
  boot(2);
  link(0, 1, judge());
  auto slot = inject(1).front();
  const auto instance = at(0).all().begin()->first;
  unsigned from = 0;
  for (unsigned n = 1; !HasFailure(); ++n) {
    for (auto& place : places_) place->forget();
    auto moved = with_cut_at(n, [&] {
      for (;;) {
        auto result = at(from)->migrate(slot, at(1 - from).name());
        if (result || !result.error().message.contains("has not confirmed yet")) return result;
      }
    });
    EXPECT_EQ(at(from).all().contains(instance), !moved) << where();
    EXPECT_EQ(lives(instance), 1U) << where() << (moved ? "" : moved.error().message);
    EXPECT_EQ(at(0).all().size() + at(1).all().size(), 1U) << where();
    if (moved) {
      from = 1 - from;
      slot = *moved;
      expect_intact(from, slot);
    }
    if (was_hit()) continue;
    EXPECT_GT(n, 8U) << "a transfer has more messages than that";
    break;
  }
}

TEST_P(CutsTest, DuringACopy) {
  boot(2);
  link(0, 1, judge());
  const auto slot = inject(1).front();
  const auto instance = at(0).all().begin()->first;
  for (unsigned n = 1; !HasFailure(); ++n) {
    for (auto& place : places_) place->forget();
    const auto said = with_cut_at(n, [&] { return at(0)->propagate(slot, "so2"); });
    const auto residents = settled(0), copies = settled(1);
    EXPECT_EQ(residents.size(), 1U) << where();
    EXPECT_TRUE(residents.contains(instance)) << where();
    EXPECT_LE(copies.size(), 1U) << where() << "doubled";
    if (said) {
      EXPECT_EQ(copies.size(), 1U) << where() << *said;
    }
    for (const auto& [id, copy] : copies) {
      expect_intact(1, copy.slot);
      EXPECT_TRUE(at(1)->kill(copy.slot));
    }
    if (was_hit()) continue;
    EXPECT_GT(n, 8U) << "a transfer has more messages than that";
    break;
  }
}

// SIGKILL of the machine that the ME leaves, or goes to.
class DeathsTest : public TransferFaultsTest {
 protected:
  template <class Transfer>
  void kill_at_each_message(unsigned victim, Transfer transfer) {
    boot(2);
    for (unsigned n = 1; !HasFailure(); ++n) {
      plan(Fate::drop, n, 1);
      at_fault_ = [this, victim] { at(victim).kill(); };
      link(0, 1, judge());
      const auto slot = inject(1).front();
      const auto instance = at(0).all().begin()->first;
      const bool done = transfer(slot);
      if (!was_hit()) {
        EXPECT_GT(n, 8U) << "a transfer has more messages than that";
        break;
      }
      const auto alive = settled(1 - victim);
      EXPECT_LE(alive.size(), 1U) << where();
      judge_survivor(victim, done, instance, alive);
      at(victim).boot();
      expect_no_neighbours();
      if (!alive.empty()) is_what_it_was(alive.begin()->first, 1 - victim);
      for (auto& place : places_)
        for (const auto& [id, me] : place->all()) ASSERT_TRUE(place->so().kill(me.slot));
    }
  }
  using Alive = std::map<std::uint64_t, engine::MeInfo>;
  virtual void judge_survivor(unsigned victim, bool done, std::uint64_t instance, const Alive& alive) = 0;

  // It moves, and tells.
  void is_what_it_was(std::uint64_t instance, unsigned from) {
    plan(Fate::pass, 0, 0);
    link(0, 1, judge());
    for (auto& place : places_) place->forget();
    const auto moved = at(from)->migrate(at(from).all().at(instance).slot, at(1 - from).name());
    ASSERT_TRUE(moved) << where() << ": " << moved.error().message;
    expect_intact(1 - from, *moved);
    ASSERT_TRUE(at(0)->unlink("so2"));
    expect_no_neighbours();
  }
};

class MoveDeathsTest : public DeathsTest {
 protected:
  void judge_survivor(unsigned victim, bool done, std::uint64_t instance, const Alive& alive) override {
    if (victim == 1) {
      EXPECT_EQ(alive.contains(instance), !done) << where();  // once it had moved, it died there
    } else if (done) {
      EXPECT_TRUE(alive.contains(instance)) << where();
    }
  }
  auto move() {
    return [this](std::uint32_t slot) { return at(0)->migrate(slot, "so2").has_value(); };
  }
};

class CopyDeathsTest : public DeathsTest {
 protected:
  void judge_survivor(unsigned victim, bool done, std::uint64_t instance, const Alive& alive) override {
    EXPECT_EQ(alive.contains(instance), victim == 1) << where() << "the original lives where it was, or died there";
    if (victim == 0 && done) {
      EXPECT_EQ(alive.size(), 1U) << where();
    }
  }
  auto copy() {
    return [this](std::uint32_t slot) { return at(0)->propagate(slot, "so2").has_value(); };
  }
};

TEST_P(MoveDeathsTest, OfWhereItGoes) { kill_at_each_message(1, move()); }
TEST_P(MoveDeathsTest, OfWhereItComesFrom) { kill_at_each_message(0, move()); }
TEST_P(CopyDeathsTest, OfWhereItGoes) { kill_at_each_message(1, copy()); }
TEST_P(CopyDeathsTest, OfWhereItComesFrom) { kill_at_each_message(0, copy()); }

// What came to the other side, but not the word of it: the move is in doubt once they are parted, and named; linked again they
// decide it.
class DoubtTest : public TransferFaultsTest {};

TEST_P(DoubtTest, IsNamedWhenTheyArePartedAndDecidedWhenTheyAreLinkedAgain) {
  boot(2);
  std::atomic<bool> silent = true, arrived = false;
  link(0, 1, [&](const MiddleMan::Passing& passing) {
    if (passing.type() != abi::transfer::Type::arrived || !silent) return Fate::pass;
    arrived = true;
    return Fate::drop;
  });
  const auto slot = inject(1).front();
  const auto instance = at(0).all().begin()->first;
  auto moving = std::async(std::launch::async, [&] { return at(0)->migrate(slot, "so2"); });
  while (!arrived) std::this_thread::yield();
  EXPECT_TRUE(at(0)->moves_in_doubt("so2").value().empty()) << "it still has time";
  ASSERT_TRUE(at(0)->unlink("so2"));
  const auto moves = at(0)->moves_in_doubt("so2");
  ASSERT_TRUE(moves) << moves.error().message;
  ASSERT_EQ(moves->size(), 1U);
  EXPECT_EQ(moves->front().slot, slot);
  EXPECT_EQ(moves->front().instance_id, instance);
  EXPECT_EQ(moves->front().neighbour, "so2");
  EXPECT_TRUE(at(0)->moves_in_doubt("so9").value().empty());
  EXPECT_EQ(at(0).all().at(instance).state, abi::State::suspended);
  silent = false;
  expect_no_neighbours();
  link(0, 1);
  const auto moved = moving.get();
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(lives(instance), 1U);
  EXPECT_TRUE(at(0)->moves_in_doubt("so2").value().empty());
}

#define ONE_PAIR(Suite, a, b) \
  INSTANTIATE_TEST_SUITE_P(Gics, Suite, testing::Values(Gics{a, b}), [](const auto&) { return "v" #a "v" #b; })
ONE_PAIR(CutsTest, 2, 3);
ONE_PAIR(MoveDeathsTest, 3, 2);
ONE_PAIR(CopyDeathsTest, 2, 3);
ONE_PAIR(DoubtTest, 3, 3);

}  // namespace
}  // namespace emulated
