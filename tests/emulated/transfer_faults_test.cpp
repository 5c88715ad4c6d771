// One fault at each message of a transfer between real machines, and the death of either at each: an ME that lived is
// alive exactly once, wherever its holder is.
#include <signal.h>

#include "tests/emulated/neighbours_fixture.hpp"

namespace emulated {
namespace {

using namespace std::chrono_literals;
using Fate = MiddleMan::Fate;

class TransferFaultsTest : public NeighboursTest {
 protected:
  // The link goes through a middle man who does `fate` to message number `fault_at_`, counted from begin().
  void link_with_faults() {
    link(0, 1, [this](const MiddleMan::Passing& passing) {
      if (passing.number < first_) return Fate::pass;
      last_ = passing.number;
      if (passing.number - first_ + 1 != fault_at_) return Fate::pass;
      hit_ = passing;
      if (at_fault_) at_fault_();
      was_cut_ = fate_ == Fate::cut;
      return fate_.load();
    });
  }
  // The next message is the first.
  void begin(unsigned fault_at, Fate fate) {
    hit_.reset();
    first_ = last_ + 1;
    fault_at_ = fault_at;
    fate_ = fate;
  }
  std::string where() const {
    return hit_ ? fmt::format("message {}, {} {}", fault_at_.load(), abi::transfer::name(hit_->type()),
                              hit_->there ? "there" : "back")
                : fmt::format("no message {}", fault_at_.load());
  }

  // The ME is to be at one of the two places only, in the state that the call said.
  void judge(std::uint64_t instance, const engine::Result<std::uint32_t>& moved, unsigned from) {
    const auto here = at(from).all(), there = at(1 - from).all();
    EXPECT_EQ(here.contains(instance), !moved) << where();
    EXPECT_EQ(there.contains(instance), moved.has_value()) << where();
    EXPECT_EQ(lives(instance), 1U) << where() << (moved ? "" : ": " + moved.error().message);
    EXPECT_EQ(here.size() + there.size(), 1U) << where();
  }

  void fault_at_each_message(Fate fate) {
    boot(2);
    link_with_faults();
    begin(0, Fate::pass);
    slot_ = at(0).inject(traveller());
    (void)at(0).line(slot_, "born");
    const auto instance = at(0).all().begin()->first;
    unsigned from = 0;
    for (unsigned n = 1; !HasFailure(); ++n) {
      for (auto& place : places_) place->forget();
      begin(n, fate);
      auto moved = move(from);
      // Nothing was sent: the last move is not settled yet.
      while (!moved && moved.error().code == Errc::wrong_state && last_ < first_) moved = move(from);
      judge(instance, moved, from);
      if (moved) {
        from = 1 - from;
        slot_ = *moved;
        const auto line = at(from).line(slot_, "active");
        EXPECT_NE(line.find(" intact "), std::string::npos) << where() << ": " << line;
      }
      if (!hit_) {
        EXPECT_GT(n, 8U) << "a transfer has more messages than that: " << (moved ? "moved" : moved.error().message);
        break;
      }
    }
  }

  // A link that was cut is made again at once.
  engine::Result<std::uint32_t> move(unsigned from) {
    auto moving = std::async(std::launch::async, [&] { return at(from)->migrate(slot_, at(1 - from).name()); });
    while (fate_ == Fate::cut && moving.wait_for(1ms) != std::future_status::ready && !was_cut_) {
    }
    if (was_cut_.exchange(false)) link_again();
    return moving.get();
  }
  void link_again() {
    while (!at(0)->neighbours().value().empty()) std::this_thread::yield();
    while (!at(1)->neighbours().value().empty()) std::this_thread::yield();
    fault_at_ = 0;
    first_ = 1;
    last_ = 0;
    link_with_faults();
  }

  std::uint32_t slot_ = 0;
  std::atomic<unsigned> first_ = 1, last_ = 0, fault_at_ = 0;
  std::atomic<bool> was_cut_ = false;
  std::atomic<Fate> fate_ = Fate::pass;
  std::function<void()> at_fault_;
  std::optional<MiddleMan::Passing> hit_;
};

TEST_P(TransferFaultsTest, ALostMessage) { fault_at_each_message(Fate::drop); }
TEST_P(TransferFaultsTest, ADoubledMessage) { fault_at_each_message(Fate::twice); }
TEST_P(TransferFaultsTest, ACorruptedMessage) { fault_at_each_message(Fate::corrupt); }
TEST_P(TransferFaultsTest, AMessageThatComesAfterTheNext) { fault_at_each_message(Fate::late); }
TEST_P(TransferFaultsTest, ALinkThatIsCut) { fault_at_each_message(Fate::cut); }

// SIGKILL of the machine that the ME leaves, or goes to, when message n is on its way.
class TransferDeathsTest : public TransferFaultsTest {
 protected:
  void kill_at_each_message(unsigned victim) {
    boot(2);
    for (unsigned n = 1; !HasFailure(); ++n) {
      first_ = 1;
      last_ = 0;
      link_with_faults();
      begin(n, Fate::drop);
      at_fault_ = [this, victim] { at(victim).kill(); };
      slot_ = at(0).inject(traveller());
      (void)at(0).line(slot_, "born");
      const auto instance = at(0).all().begin()->first;
      const auto moved = at(0)->migrate(slot_, "so2");
      if (!hit_) {
        EXPECT_GT(n, 8U) << "a transfer has more messages than that";
        break;
      }
      const auto alive = settled(1 - victim);
      if (victim == 1) {
        EXPECT_EQ(alive.contains(instance), !moved) << where();  // once it had moved, it died there
      } else if (moved) {
        EXPECT_TRUE(alive.contains(instance)) << where();
      }
      EXPECT_LE(alive.size(), 1U) << where();
      at(victim).boot();
      auto& survivor = at(1 - victim);
      while (!survivor->neighbours().value().empty()) std::this_thread::yield();
      if (alive.contains(instance)) is_what_it_was(instance, 1 - victim);
      for (auto& place : places_)
        for (const auto& [id, me] : place->all()) ASSERT_TRUE(place->so().kill(me.slot));
    }
  }

  // All that is there by the time that no transfer is under way any more.
  std::map<std::uint64_t, engine::MeInfo> settled(unsigned i) {
    for (const auto deadline = Clock::now() + patience;;) {
      auto all = at(i).all();
      if (std::ranges::all_of(all, [](const auto& me) { return me.second.state == abi::State::living; })) return all;
      if (Clock::now() > deadline) {
        ADD_FAILURE() << where() << ": an ME of " << at(i).name() << " neither lives nor goes";
        return all;
      }
    }
  }
  // It moves on, and tells.
  void is_what_it_was(std::uint64_t instance, unsigned from) {
    fault_at_ = 0;
    link_with_faults();
    for (auto& place : places_) place->forget();
    const auto moved = at(from)->migrate(at(from).all().at(instance).slot, at(1 - from).name());
    ASSERT_TRUE(moved) << where() << ": " << moved.error().message;
    const auto line = at(1 - from).line(*moved, "active");
    EXPECT_NE(line.find(" intact "), std::string::npos) << where() << ": " << line;
    ASSERT_TRUE(at(0)->unlink("so2"));
    while (!at(1)->neighbours().value().empty()) std::this_thread::yield();
  }
};

TEST_P(TransferDeathsTest, OfWhereItGoes) { kill_at_each_message(1); }
TEST_P(TransferDeathsTest, OfWhereItComesFrom) { kill_at_each_message(0); }

INSTANTIATE_TEST_SUITE_P(Gics, TransferFaultsTest, testing::Values(Gics{2, 3}),
                         [](const auto&) { return std::string("v2v3"); });
INSTANTIATE_TEST_SUITE_P(Gics, TransferDeathsTest, testing::Values(Gics{3, 2}),
                         [](const auto&) { return std::string("v3v2"); });

}  // namespace
}  // namespace emulated
