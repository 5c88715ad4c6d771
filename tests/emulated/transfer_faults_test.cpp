// One fault at each message of a transfer between real machines: an ME that moved or was to move is alive exactly once,
// wherever its holder is; of one that is copied there is at most one copy, complete, and the original lives.
#include "tests/emulated/transfer_faults_fixture.hpp"

namespace emulated {
namespace {

// So many transfers at a time, each with its fault at another message: what waits, waits together.
constexpr unsigned at_once = 4;

class FaultsTest : public TransferFaultsTest {
 protected:
  using Moved = engine::Result<std::uint32_t>;
  using Said = engine::Result<std::string>;

  void boot_and_inject() {
    boot(2);
    link(0, 1, judge());
    for (const auto slot : inject(at_once)) {
      const auto all = at(0).all();
      const auto me = std::ranges::find_if(all, [&](const auto& each) { return each.second.slot == slot; });
      mes_.push_back({me->first, slot, 0});
    }
  }
  void at_each_message(Fate fate, void (FaultsTest::*transfer)(), std::set<abi::transfer::Type> kinds) {
    boot_and_inject();
    plan(Fate::pass, 0, 0);
    (this->*transfer)();
    const auto messages = longest();
    EXPECT_GT(messages, 8U) << "a transfer has more messages than that";
    for (unsigned n = 1; n <= messages && !HasFailure(); n += at_once) {
      plan(fate, n, at_once);
      (this->*transfer)();
    }
    for (const auto kind : kinds) EXPECT_TRUE(befallen_.contains(kind)) << abi::transfer::name(kind);
  }
  void move_at_each_message(Fate fate) {
    using enum abi::transfer::Type;
    at_each_message(fate, &FaultsTest::move_all, {offer, accept, data, credit, arrived, settled});
  }
  void copy_at_each_message(Fate fate) {
    using enum abi::transfer::Type;
    at_each_message(fate, &FaultsTest::copy_all, {offer, accept, data, credit, arrived});
  }

  // Each to the place where it is not.
  void move_all() {
    for (auto& place : places_) place->forget();
    std::vector<std::future<Moved>> moves;
    for (const auto& me : mes_) moves.push_back(std::async(std::launch::async, [this, me] { return move(me); }));
    std::vector<Moved> results;
    for (auto& one : moves) results.push_back(one.get());
    const auto first = at(0).all(), second = at(1).all();
    EXPECT_EQ(first.size() + second.size(), mes_.size()) << where();
    for (std::size_t i = 0; i < mes_.size(); ++i) {
      auto& me = mes_[i];
      if (results[i]) me = {me.instance, *results[i], 1 - me.place};
      EXPECT_EQ((me.place == 0 ? first : second).count(me.instance), 1U)
          << where() << (results[i] ? "" : results[i].error().message);
      EXPECT_EQ(lives(me.instance), 1U) << where();
      if (results[i]) expect_intact(me.place, me.slot);
    }
  }
  struct It {
    std::uint64_t instance;
    std::uint32_t slot;
    unsigned place;
  };
  // Again while nothing was sent, for the last move is not settled yet.
  Moved move(const It& me) {
    for (;;) {
      auto moved = at(me.place)->migrate(me.slot, at(1 - me.place).name());
      if (moved || !moved.error().message.contains("has not confirmed yet")) return moved;
    }
  }

  // A copy of each from the first place to the second, where none stays.
  void copy_all() {
    for (auto& place : places_) place->forget();
    std::vector<std::future<Said>> copies;
    for (const auto& me : mes_)
      copies.push_back(std::async(std::launch::async, [this, me] { return at(0)->propagate(me.slot, "so2"); }));
    std::size_t said = 0;
    for (auto& one : copies) said += one.get().has_value();
    const auto residents = settled(0), there = settled(1);
    EXPECT_EQ(residents.size(), mes_.size()) << where();
    for (const auto& me : mes_) {
      EXPECT_TRUE(residents.contains(me.instance)) << where();
      EXPECT_FALSE(there.contains(me.instance)) << where();
    }
    EXPECT_GE(there.size(), said) << where() << "a copy that is said to live must";
    EXPECT_LE(there.size(), mes_.size()) << where() << "doubled";
    for (const auto& [instance, copy] : there) {
      expect_intact(1, copy.slot);
      EXPECT_TRUE(at(1)->kill(copy.slot));
    }
  }

  std::vector<It> mes_;
};

TEST_P(FaultsTest, ALostMessageOfAMove) { move_at_each_message(Fate::drop); }
TEST_P(FaultsTest, ADoubledMessageOfAMove) { move_at_each_message(Fate::twice); }
TEST_P(FaultsTest, ACorruptedMessageOfAMove) { move_at_each_message(Fate::corrupt); }
TEST_P(FaultsTest, AMessageOfAMoveThatComesAfterTheNext) { move_at_each_message(Fate::late); }
TEST_P(FaultsTest, ALostMessageOfACopy) { copy_at_each_message(Fate::drop); }
TEST_P(FaultsTest, ADoubledMessageOfACopy) { copy_at_each_message(Fate::twice); }
TEST_P(FaultsTest, ACorruptedMessageOfACopy) { copy_at_each_message(Fate::corrupt); }
TEST_P(FaultsTest, AMessageOfACopyThatComesAfterTheNext) { copy_at_each_message(Fate::late); }

INSTANTIATE_TEST_SUITE_P(Gics, FaultsTest, testing::Values(Gics{2, 3}),
                         [](const auto&) { return std::string("v2v3"); });

}  // namespace
}  // namespace emulated
