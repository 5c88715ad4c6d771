// Two engines at the two ends of a socket: greeting, carrying, and every way to part.
#include "engine/neighbours/neighbours.hpp"
#include "engine/neighbours/doubts.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cstring>

#include "engine/link/frame.hpp"

namespace engine::neighbours {
namespace {

using link::bytes_of;

struct Ends {
  FileDescriptor a, b;
};
Ends connected() {
  int fds[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  return {FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

// A smart object without its machine.
struct Side final : Neighbours::Agency {
  Side(boost::asio::io_context& context, const char* name, std::uint64_t uid,
       std::chrono::milliseconds patience = Neighbours::greeting_patience)
      : io{context}, neighbours{context, *this, patience} {
    abi::link::Hello hello{};
    hello.agency_uid = uid;
    hello.boot_id = uid * 100;
    std::strncpy(hello.name, name, sizeof hello.name - 1);
    neighbours.introduce(hello);
  }
  void peer_up(const abi::link::PeerUp& p, Neighbours::Answered answered) override {
    ups.push_back(p);
    boost::asio::post(io, [this, answered = std::move(answered)] {
      if (room == 0) return answered(fail(Errc::no_room, "no room for a neighbour"));
      --room;
      answered({});
    });
  }
  void peer_down(const abi::link::PeerDown& p) override { downs.push_back(p); }
  void from_peer(std::uint32_t peer, std::span<const std::uint8_t> m) override {
    heard.emplace_back(peer, std::string(m.begin(), m.end()));
  }
  bool full() const override { return agency_full; }
  void changed(const NeighbourChanged& c) override { changes.push_back(c); }
  void say(std::uint32_t peer, std::string_view text) {
    neighbours.to_peer(peer, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }

  boost::asio::io_context& io;
  std::size_t room = 32;
  bool agency_full = false;
  std::vector<abi::link::PeerUp> ups;
  std::vector<abi::link::PeerDown> downs;
  std::vector<std::pair<std::uint32_t, std::string>> heard;
  std::vector<NeighbourChanged> changes;
  Neighbours neighbours;
};

class NeighboursTest : public testing::Test {
 protected:
  void settle() {
    io.restart();
    io.poll();
  }
  void join(Side& asking, Side& accepting) {
    auto ends = connected();
    asking.neighbours.add(std::move(ends.a), true, [this](auto linked) { result = std::move(linked); });
    accepting.neighbours.add(std::move(ends.b), false, {});
    settle();
  }
  // A neighbour that sends what it likes.
  FileDescriptor stranger() {
    auto ends = connected();
    a.neighbours.add(std::move(ends.a), false, [this](auto linked) { result = std::move(linked); });
    settle();
    return std::move(ends.b);
  }
  template <class T>
  void send(const FileDescriptor& fd, Type type, const T& body) {
    const Head head{static_cast<std::uint32_t>(type), sizeof body};
    ASSERT_EQ(::write(fd.get(), &head, sizeof head), static_cast<ssize_t>(sizeof head));
    ASSERT_EQ(::write(fd.get(), &body, sizeof body), static_cast<ssize_t>(sizeof body));
    settle();
  }
  static Greeting good() { return {greeting_magic, wire_version, 77, 7700, 1, 0, "so7"}; }

  boost::asio::io_context io;
  Side a{io, "so1", 1}, b{io, "so2", 2};
  Result<Neighbour> result = fail(Errc::failed, "not told yet");
};

TEST_F(NeighboursTest, GreetAndCarryMessagesBothWays) {
  join(a, b);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->name, "so2");
  ASSERT_EQ(a.ups.size(), 1U);
  ASSERT_EQ(b.ups.size(), 1U);
  EXPECT_EQ(a.ups[0].agency_uid, 2U);
  EXPECT_EQ(a.ups[0].boot_id, 200U);
  EXPECT_STREQ(b.ups[0].name, "so1");
  a.say(a.ups[0].peer, "ping");
  a.say(a.ups[0].peer, "");
  b.say(b.ups[0].peer, std::string(length_max, 'x'));
  settle();
  EXPECT_EQ(b.heard,
            (std::vector<std::pair<std::uint32_t, std::string>>{{b.ups[0].peer, "ping"}, {b.ups[0].peer, ""}}));
  ASSERT_EQ(a.heard.size(), 1U);
  EXPECT_EQ(a.heard[0].second.size(), length_max);
}

TEST_F(NeighboursTest, UnlinkingTellsBothAndKeepsThemAlive) {
  join(a, b);
  EXPECT_FALSE(a.neighbours.remove("so3"));
  EXPECT_TRUE(a.neighbours.remove("so2"));
  settle();
  ASSERT_EQ(a.downs.size(), 1U);
  ASSERT_EQ(b.downs.size(), 1U);
  EXPECT_EQ(a.downs[0].dead, 0U);
  EXPECT_EQ(b.downs[0].dead, 0U);
  EXPECT_TRUE(b.changes.back().unlinked);
  EXPECT_TRUE(a.neighbours.all().empty() && b.neighbours.all().empty());
}

// A machine that ends, and an engine that is killed, take all they had with them: the other side may rely on it.
TEST_F(NeighboursTest, DeathIsKnownAsSuch) {
  join(a, b);
  b.neighbours.end({Errc::died, "so2 died", {}});
  settle();
  ASSERT_EQ(a.downs.size(), 1U);
  EXPECT_EQ(a.downs[0].dead, 1U);
  EXPECT_FALSE(a.changes.back().unlinked);
  {
    const auto killed = stranger();
    send(killed, Type::greeting, good());
    ASSERT_EQ(a.ups.size(), 2U);
  }
  settle();
  ASSERT_EQ(a.downs.size(), 2U);
  EXPECT_EQ(a.downs[1].dead, 1U);
  EXPECT_EQ(a.downs[1].peer, a.ups[1].peer);
}

TEST_F(NeighboursTest, ASecondLinkOfTheSameTwoIsRefused) {
  join(a, b);
  join(a, b);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("linked already"), std::string::npos) << result.error().message;
  EXPECT_EQ(a.neighbours.all().size(), 1U);
  EXPECT_TRUE(a.downs.empty() && b.downs.empty());
}

// Who asks is told, on whichever side it failed, and nobody has heard of a link.
TEST_F(NeighboursTest, ALinkThatAnAgencyDoesNotTakeIsNone) {
  b.room = 0;
  join(a, b);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "the link was not made: no room for a neighbour");
  EXPECT_TRUE(a.ups.empty());
  join(b, a);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::no_room);
  EXPECT_EQ(result.error().message, "no room for a neighbour");
  EXPECT_EQ(a.downs.size(), a.ups.size());
  EXPECT_TRUE(b.changes.empty());
  EXPECT_TRUE(a.neighbours.all().empty() && b.neighbours.all().empty());
  b.room = 1;
  join(a, b);
  EXPECT_TRUE(result) << result.error().message;
}

TEST_F(NeighboursTest, WhoDoesNotGreetIsNotWaitedFor) {
  Side impatient{io, "so3", 3, std::chrono::milliseconds(1)};
  auto ends = connected();
  impatient.neighbours.add(std::move(ends.a), true, [this](auto linked) {
    result = std::move(linked);
    io.stop();
  });
  io.restart();
  io.run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::timed_out);
  EXPECT_EQ(result.error().message, "the link was not made: no greeting within 1 ms");
}

TEST_F(NeighboursTest, TheEndTellsThoseThatAreNotLinkedYet) {
  auto ends = connected();
  a.neighbours.add(std::move(ends.a), true, [this](auto linked) { result = std::move(linked); });
  settle();
  a.neighbours.end({Errc::died, "so1 died", {}});
  EXPECT_EQ(result.error().message, "so1 died");
  Head head;
  Farewell farewell;
  const auto skip = sizeof head + sizeof(Greeting);
  std::array<char, 512> bytes;
  settle();
  ASSERT_GT(::read(ends.b.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(skip + sizeof head));
  std::memcpy(&head, bytes.data() + skip, sizeof head);
  std::memcpy(&farewell, bytes.data() + skip + sizeof head, sizeof farewell);
  EXPECT_EQ(head.type, static_cast<std::uint32_t>(Type::farewell));
  EXPECT_EQ(farewell.leave, static_cast<std::uint32_t>(Leave::ended));
}

// What a neighbour sends waits in its own memory when the agency does not come after.
TEST_F(NeighboursTest, ReadsNoMoreThanTheAgencyTakes) {
  join(a, b);
  b.agency_full = true;
  std::size_t said = 0;
  for (; said < 256; ++said) a.say(a.ups[0].peer, std::string(length_max, 'x'));
  settle();
  const auto heard = b.heard.size();
  EXPECT_LE(heard, 2U) << "no more than one read that was under way";
  b.neighbours.go_on();
  settle();
  EXPECT_LE(b.heard.size(), heard + 2) << "it is still full";
  b.agency_full = false;
  b.neighbours.go_on();
  settle();
  EXPECT_EQ(b.heard.size(), said);
  EXPECT_TRUE(a.downs.empty() && b.downs.empty());
}

// Both want it at the same moment: exactly one link remains, the same on both sides.
TEST_F(NeighboursTest, LinksThatCrossBecomeOne) {
  auto first = connected(), second = connected();
  a.neighbours.add(std::move(first.a), true, {});
  b.neighbours.add(std::move(second.a), true, {});
  b.neighbours.add(std::move(first.b), false, {});
  a.neighbours.add(std::move(second.b), false, {});
  settle();
  ASSERT_EQ(a.neighbours.all().size(), 1U);
  ASSERT_EQ(b.neighbours.all().size(), 1U);
  a.heard.clear();
  b.say(b.neighbours.all()[0].peer, "hello");
  a.say(a.neighbours.all()[0].peer, "hello");
  settle();
  EXPECT_EQ(a.heard.size(), 1U);
  EXPECT_EQ(b.heard.size(), 1U);
  EXPECT_EQ(a.ups.size() - a.downs.size(), 1U);
  EXPECT_EQ(b.ups.size() - b.downs.size(), 1U);
}

TEST_F(NeighboursTest, ASmartObjectIsNoNeighbourOfItself) {
  auto ends = connected();
  a.neighbours.add(std::move(ends.a), true, [this](auto linked) { result = std::move(linked); });
  a.neighbours.add(std::move(ends.b), false, {});
  settle();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("itself"), std::string::npos) << result.error().message;
  EXPECT_TRUE(a.ups.empty());
}

TEST_F(NeighboursTest, WhoBreaksARuleIsNamedAndLetGo) {
  const auto refused = [&](auto change) {
    result = fail(Errc::failed, "not told yet");
    const auto fd = stranger();
    auto g = good();
    change(g);
    send(fd, Type::greeting, g);
    return result ? std::string("accepted") : result.error().message;
  };
  EXPECT_NE(refused([](Greeting& g) { g.magic = 1; }).find("no smart object"), std::string::npos);
  EXPECT_NE(refused([](Greeting& g) { g.version = 9; }).find("version 9"), std::string::npos);
  EXPECT_NE(refused([](Greeting& g) { g.agency_uid = 0; }).find("impossible"), std::string::npos);
  EXPECT_NE(refused([](Greeting& g) { g.asked = 2; }).find("impossible"), std::string::npos);
  EXPECT_NE(refused([](Greeting& g) { std::memset(g.name, 'a', sizeof g.name); }).find("impossible"),
            std::string::npos);
  EXPECT_NE(refused([](Greeting& g) { g.name[0] = '/'; }).find("name"), std::string::npos);
  EXPECT_TRUE(a.ups.empty());

  const auto fd = stranger();
  send(fd, Type::message, std::uint64_t{1});
  EXPECT_NE(result.error().message.find("no greeting"), std::string::npos) << result.error().message;

  const auto late = stranger();
  send(late, Type::greeting, good());
  send(late, Type::greeting, good());
  EXPECT_EQ(a.downs.size(), 1U);
  const auto long_one = stranger();
  send(long_one, Type::greeting, good());
  const Head head{static_cast<std::uint32_t>(Type::message), length_max + 1};
  ASSERT_EQ(::write(long_one.get(), &head, sizeof head), static_cast<ssize_t>(sizeof head));
  settle();
  EXPECT_EQ(a.downs.size(), 2U);
  EXPECT_EQ(a.downs[1].dead, 0U);
  EXPECT_NE(a.changes.back().why.find("limit"), std::string::npos);
}

// What the agency says of a transfer comes after the link has gone, too.
TEST(Doubts, AreMovesWhoseSenderCannotKnow) {
  neighbours::Doubts doubts;
  const auto change = [&](std::uint64_t epoch, abi::transfer::Sender state, abi::transfer::Kind kind, bool incoming) {
    doubts.follow({.instance_id = 7,
                   .epoch = epoch,
                   .neighbour = "so2",
                   .slot = 3,
                   .kind = kind,
                   .incoming = incoming,
                   .state = abi::transfer::name(state),
                   .status = abi::Status::ok});
  };
  using enum abi::transfer::Sender;
  using enum abi::transfer::Kind;
  change(1, sent, move, false);
  change(2, cancelling, copy, false);
  change(3, cancelling, move, true);
  EXPECT_TRUE(doubts.with("so2").empty());
  change(1, cancelling, move, false);
  ASSERT_EQ(doubts.with("so2").size(), 1u);
  EXPECT_EQ(doubts.with("so2").front().slot, 3u);
  EXPECT_TRUE(doubts.with("so3").empty());
  change(1, done, move, false);
  EXPECT_TRUE(doubts.with("so2").empty());
}

TEST_F(NeighboursTest, WhatIsSentToOneThatHasGoneIsLostWithoutHarm) {
  join(a, b);
  const auto peer = a.ups[0].peer;
  ASSERT_TRUE(b.neighbours.remove("so1"));
  settle();
  a.say(peer, "too late");
  a.say(12345, "nobody");
  settle();
  EXPECT_TRUE(b.heard.empty());
}

}  // namespace
}  // namespace engine::neighbours
