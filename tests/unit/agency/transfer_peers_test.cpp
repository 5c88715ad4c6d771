#include <gtest/gtest.h>

#include <cstring>

#include "so3/agency/transfer/peers.hpp"

namespace agency::transfer {
namespace {

using abi::Status;

struct PeersTest : ::testing::Test, Carrier, Peers::Listener {
  void carry(std::uint32_t peer, std::string_view) override { heard += "->" + std::to_string(peer) + " "; }
  void peer_up(Peer& peer) override { heard += peer.name() + " up "; }
  void peer_down(Peer& peer) override { heard += peer.name() + " down "; }
  void peer_lost(Peer& peer) override { heard += peer.name() + " lost "; }
  std::expected<void, Refusal> up(std::uint32_t number, std::uint64_t uid, std::uint64_t boot, const char* name) {
    abi::link::PeerUp p{number, 0, uid, boot, {}};
    std::strncpy(p.name, name, sizeof p.name);
    return peers.up(p, 1);
  }
  std::string take() { return std::exchange(heard, {}); }
  std::string heard;
  Peers peers{*this, *this};
};

TEST_F(PeersTest, ComesAndGoes) {
  ASSERT_TRUE(up(1, 10, 100, "B"));
  EXPECT_EQ(take(), "B up ");
  ASSERT_TRUE(up(1, 10, 100, "B"));
  EXPECT_EQ(take(), "") << "said twice";
  peers.find(1)->send("x");
  EXPECT_EQ(take(), "->1 ");
  ASSERT_TRUE(peers.down({1, 0}));
  EXPECT_EQ(take(), "B down ");
  EXPECT_EQ(peers.find(1), nullptr);
  ASSERT_TRUE(up(4, 10, 100, "B"));
  EXPECT_EQ(take(), "B up ");
  EXPECT_EQ(peers.find(4)->uid(), 10u);
}

TEST_F(PeersTest, StartedAnewIsLostFirst) {
  ASSERT_TRUE(up(1, 10, 100, "B"));
  ASSERT_TRUE(up(1, 10, 101, "B"));
  EXPECT_EQ(take(), "B up B lost B up ");
  ASSERT_TRUE(peers.down({1, 0}));
  ASSERT_TRUE(peers.down({1, 1}));
  EXPECT_EQ(take(), "B down B lost ") << "found dead after it could not be reached";
}

TEST_F(PeersTest, AnotherOneUnderItsNumberTakesItDown) {
  ASSERT_TRUE(up(1, 10, 100, "B"));
  ASSERT_TRUE(up(1, 11, 100, "C"));
  EXPECT_EQ(take(), "B up B down C up ");
  ASSERT_TRUE(peers.down({1, 1}));
  EXPECT_EQ(take(), "C lost ") << "not B, which had the number once";
}

TEST_F(PeersTest, RefusesWhatCannotBe) {
  EXPECT_EQ(up(0, 10, 1, "B").error().status, Status::bad_argument);
  EXPECT_EQ(up(1, 1, 1, "A").error().text, "A is this smart object itself: link it to another one");
  ASSERT_TRUE(up(1, 10, 1, "B"));
  EXPECT_EQ(up(2, 10, 1, "B").error().text, "B is a neighbour already, number 1");
  EXPECT_EQ(peers.down({7, 0}).error().text, "no neighbour has the number 7");
  EXPECT_EQ(peers.down({0, 1}).error().status, Status::not_found);
}

// The number of one whose number another has now is none.
TEST_F(PeersTest, NobodyDiesForEverybody) {
  ASSERT_TRUE(up(1, 10, 100, "B"));
  ASSERT_TRUE(up(1, 11, 100, "C"));
  take();
  const auto refused = peers.down({abi::link::peers_all, 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, Status::not_found);
  EXPECT_EQ(take(), "");
}

TEST_F(PeersTest, IsBoundedAndForgetsWhoIsDown) {
  for (std::uint32_t i = 0; i < Peers::max; ++i) ASSERT_TRUE(up(1 + i, 10 + i, 1, "B"));
  EXPECT_EQ(up(100, 1000, 1, "Z").error().status, Status::no_memory);
  ASSERT_TRUE(peers.down({3, 0}));
  peers.neighbours();
  EXPECT_TRUE(up(100, 1000, 1, "Z"));
}

TEST_F(PeersTest, LinkToTheEngineHasEverybodyOutOfReach) {
  EXPECT_EQ(peers.find(0), nullptr);
  peers.link_opened();
  ASSERT_TRUE(up(1, 10, 100, "B"));
  EXPECT_NE(peers.find(0), nullptr);
  EXPECT_EQ(peers.neighbours().size(), 1u) << "the engine is none";
  take();
  peers.link_closed();
  EXPECT_EQ(take(), "the engine down B down ");
}

TEST_F(PeersTest, ALotOfMessagesIsTooMuch) {
  ASSERT_TRUE(up(1, 10, 100, "B"));
  auto& peer = *peers.find(1);
  for (std::uint32_t i = 0; i < Peer::messages_per_second; ++i) ASSERT_TRUE(peer.may_speak(5));
  EXPECT_FALSE(peer.may_speak(999 * ms));
  EXPECT_TRUE(peer.may_speak(1'000 * ms));
}

TEST(TransferOutcomes, TheOldestIsForgotten) {
  Outcomes outcomes;
  for (std::uint64_t i = 1; i <= Outcomes::max + 1; ++i)
    outcomes.remember({i, 0}, {abi::transfer::Receiver::cancelled, 0, {Status::busy, {}}});
  EXPECT_EQ(outcomes.find({1, 0}), nullptr);
  EXPECT_NE(outcomes.find({2, 0}), nullptr);
  EXPECT_EQ(outcomes.find({2, 1}), nullptr);
}

TEST(TransferDepartures, AnOlderEpochIsAReplay) {
  Departures d;
  d.remember({5, 3});
  EXPECT_TRUE(d.left({5, 3}));
  EXPECT_TRUE(d.left({5, 1}));
  EXPECT_FALSE(d.left({5, 4}));
  EXPECT_FALSE(d.left({6, 0}));
}

// One that comes and goes leaves last when it left last, however early it did so first.
TEST(TransferDepartures, TheOldestIsForgotten) {
  Departures d;
  d.remember({1, 1});
  for (std::uint64_t i = 2; i <= Departures::max; ++i) d.remember({i, 1});
  d.remember({1, 5});
  d.remember({Departures::max + 1, 1});
  EXPECT_TRUE(d.left({1, 5}));
  EXPECT_FALSE(d.left({2, 1}));
}

}  // namespace
}  // namespace agency::transfer
