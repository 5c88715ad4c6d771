// The two sides of a transfer, joined by a channel that does the worst to every single message. Enumerated.
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>

#include "so3/agency/transfer/incoming.hpp"
#include "so3/agency/transfer/outcomes.hpp"
#include "so3/agency/transfer/outgoing.hpp"

namespace agency::transfer {
namespace {

using abi::Status;
using abi::transfer::Receiver;
using abi::transfer::Sender;

const std::string stream(700'000, 's');
constexpr Id id{77, 4};

enum class Fault { none, drop, twice, late, corrupt, cut, kill_sender, kill_receiver };

// An ME at A, and what B makes of it.
struct World {
  struct Channel final : Wire {
    Channel(World& w, bool b_hears) : world{&w}, to_b{b_hears} {}
    void send(std::string_view message) override {
      if (connected) world->send(to_b, std::string{message});
    }
    bool up() const override { return connected; }
    World* world;
    bool to_b, connected = true;
    std::deque<std::string> queue;
  };
  struct Hold final : Cargo {
    std::expected<bool, Refusal> take(std::string_view bytes) override {
      got += bytes;
      return got.size() == stream.size();
    }
    void activate() override { activating = true; }
    void drop(const std::string&) override { dropped = true; }
    std::string got;
    bool activating = false, dropped = false;
  };

  World(Kind k, Fault f, int message) : kind{k}, fault{f}, at{message} {
    out.emplace(ab, id, Offer{kind, 1, 1, 1 << 20, 1, "x"}, now);
  }

  void send(bool b_hears, std::string message) {
    auto& queue = (b_hears ? ab : ba).queue;
    if (sent++ != at) return queue.push_back(std::move(message));
    switch (fault) {
      case Fault::none: return queue.push_back(std::move(message));
      case Fault::drop: return;
      case Fault::twice:
        queue.push_back(message);
        queue.push_back(message);
        return;
      case Fault::late: late.emplace_back(b_hears, std::move(message)); return;
      case Fault::corrupt: message[0] = 0x7f; return queue.push_back(std::move(message));
      case Fault::cut:
      case Fault::kill_sender:
      case Fault::kill_receiver: pending = fault; return;
    }
  }

  void strike(Fault what) {
    ab.connected = ba.connected = false;
    ab.queue.clear();
    ba.queue.clear();
    back_at = now + 2'000 * ms;
    if (what == Fault::kill_sender) {
      out.reset();
      if (in) in->peer_lost();
      source_alive = false;
    } else if (what == Fault::kill_receiver) {
      died_with_b = alive_at_b && !source_alive;
      in.reset();
      hold = {};
      alive_at_b = false;
      outcomes = {};
      if (out) out->peer_lost();
    } else {
      if (out) out->peer_down(now);
      if (in) in->peer_down();
    }
  }

  void reconnect() {
    back_at = 0;
    ab.connected = ba.connected = true;
    for (auto& [to_b, message] : std::exchange(late, {})) (to_b ? ab : ba).queue.push_back(message);
    if (out) out->peer_up(now);
    if (in) in->peer_up(now);
  }

  void at_a(const std::string& bytes) {
    const auto m = Message::parse(bytes);
    if (!m) {
      if (out && m.error().id) out->garbage(m.error().why, now);
    } else if (out && !out->done()) {
      static_cast<void>(out->receive(*m, now));
    } else if (m->as<Arrived>() != nullptr) {
      ab.send(encode(id, Settled{}));
    }
  }

  void at_b(const std::string& bytes) {
    const auto m = Message::parse(bytes);
    if (!m) {
      if (in && m.error().id) in->garbage(m.error().why);
    } else if (in) {
      static_cast<void>(in->receive(*m, now));
    } else if (const auto* known = outcomes.find(id)) {
      if (m->as<Cancel>() != nullptr || (m->as<Offer>() != nullptr && known->state == Receiver::cancelled))
        ba.send(encode(id, Cancelled{}));
    } else if (m->as<Cancel>() != nullptr) {
      outcomes.remember(id, {Receiver::cancelled, 0, {}});
      ba.send(encode(id, Cancelled{}));
    } else if (const auto* offer = m->as<Offer>()) {
      in.emplace(ba, hold, id, *offer, now);
    }
  }

  void step() {
    if (!ab.queue.empty()) {
      const auto m = ab.queue.front();
      ab.queue.pop_front();
      at_b(m);
    } else if (!ba.queue.empty()) {
      const auto m = ba.queue.front();
      ba.queue.pop_front();
      at_a(m);
    }
    if (out && out->room() != 0) {
      const auto bytes = std::string_view{stream}.substr(produced, out->room());
      produced += bytes.size();
      out->send(bytes, produced == stream.size(), now);
    }
    if (kind == Kind::move && out && out->done() && out->ended().how == Ended::How::arrived) source_alive = false;
    if (pending != Fault::none) strike(std::exchange(pending, Fault::none));
    if (hold.activating) {
      hold.activating = false;
      if (!hold.dropped) activate_at = now + activation;
    }
    if (activate_at != 0 && now >= activate_at && in) {
      activate_at = 0;
      if (in->state() == Receiver::activating) {
        alive_at_b = true;
        in->activated(3, now);
      }
    }
    if (back_at != 0 && now >= back_at) reconnect();
    // A moved ME runs at A only if the transfer ended there otherwise.
    runs_at_a = source_alive && (kind != Kind::move || !out || out->done());
    if (kind == Kind::move) {
      EXPECT_FALSE(runs_at_a && alive_at_b) << "alive twice";
      if (fault != Fault::kill_sender) {
        EXPECT_TRUE(source_alive || alive_at_b || died_with_b) << "lost";
      }
    } else if (fault != Fault::kill_sender) {
      EXPECT_TRUE(source_alive);
    }
  }

  void run() {
    for (int i = 0; i < 400'000 && now < 200'000 * ms; ++i) {
      step();
      if (!ab.queue.empty() || !ba.queue.empty() || (out && out->room() != 0) || pending != Fault::none) continue;
      now += 100 * ms;
      if (out) out->tick(now);
      if (in) in->tick(now);
    }
  }

  Kind kind;
  Fault fault, pending = Fault::none;
  int at, sent = 0;
  Time now = 0, back_at = 0, activate_at = 0;
  Time activation = 8'000 * ms;  // longer than patience
  Channel ab{*this, true}, ba{*this, false};
  std::vector<std::pair<bool, std::string>> late;
  Hold hold;
  Outcomes outcomes;
  std::optional<Outgoing> out;
  std::optional<Incoming> in;
  std::size_t produced = 0;
  bool source_alive = true, runs_at_a = false, alive_at_b = false, died_with_b = false;
};

int messages_of_a_whole(Kind kind) {
  World w{kind, Fault::none, -1};
  w.run();
  EXPECT_TRUE(w.alive_at_b);
  EXPECT_EQ(w.hold.got, stream);
  EXPECT_TRUE(w.out->done());
  EXPECT_EQ(w.out->ended().how, Ended::How::arrived);
  EXPECT_EQ(w.out->ended().slot, 3u);
  EXPECT_TRUE(w.in->settled());
  return w.sent;
}

// M62: nothing that happens to any one message loses an ME or doubles it, and both sides come to an end.
class EveryMessage : public ::testing::TestWithParam<std::tuple<Kind, Fault>> {};

TEST_P(EveryMessage, IsSurvived) {
  const auto [kind, fault] = GetParam();
  const int whole = messages_of_a_whole(kind);
  ASSERT_GT(whole, 30);
  for (int at = 0; at < whole; ++at) {
    SCOPED_TRACE(at);
    World w{kind, fault, at};
    w.run();
    if (w.out) {
      EXPECT_TRUE(w.out->done()) << name(w.out->state());
    }
    if (w.in) {
      EXPECT_TRUE(w.in->settled()) << name(w.in->state());
      EXPECT_EQ(w.in->state() == Receiver::arrived, w.alive_at_b);
      if (w.in->state() != Receiver::arrived) {
        EXPECT_TRUE(w.hold.dropped) << "something is left behind";
      }
    }
    if (w.alive_at_b) {
      EXPECT_EQ(w.hold.got, stream);
    }
    if (kind == Kind::move && fault != Fault::kill_sender) {
      EXPECT_EQ(w.runs_at_a, !w.alive_at_b && !w.died_with_b);
    }
    if (::testing::Test::HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Transfer, EveryMessage,
                         ::testing::Combine(::testing::Values(Kind::copy, Kind::move),
                                            ::testing::Values(Fault::drop, Fault::twice, Fault::late, Fault::corrupt,
                                                              Fault::cut, Fault::kill_sender, Fault::kill_receiver)));

struct OutgoingTest : ::testing::Test, Wire {
  void send(std::string_view message) override { sent.push_back(*Message::parse(keep.emplace_back(message))); }
  bool up() const override { return connected; }
  std::optional<std::string> hear(const std::string& bytes) { return out.receive(*Message::parse(bytes), now); }
  bool connected = true;
  Time now = 0;
  std::deque<std::string> keep;
  std::vector<Message> sent;
  Outgoing out{*this, id, {Kind::move, 1, 1, 1 << 20, 1, "x"}, 0};
};

TEST_F(OutgoingTest, AnArrivalBeforeAllWasSentIsNotBelieved) {
  EXPECT_FALSE(hear(encode(id, Accept{10})));
  out.send("12345", false, now);
  EXPECT_EQ(hear(encode(id, Arrived{2})), "says that an ME arrived that was not sent yet");
  ASSERT_TRUE(out.done());
  EXPECT_EQ(out.ended().how, Ended::How::cancelled);
  EXPECT_NE(sent.back().as<Cancel>(), nullptr);
}

TEST_F(OutgoingTest, SendsNoMoreThanItsCredit) {
  EXPECT_EQ(out.room(), 0u);
  EXPECT_FALSE(hear(encode(id, Accept{10})));
  EXPECT_EQ(out.room(), 10u);
  out.send("1234567", false, now);
  EXPECT_FALSE(hear(encode(id, Credit{4}))) << "a late one";
  EXPECT_EQ(out.room(), 3u);
  EXPECT_FALSE(hear(encode(id, Credit{UINT64_MAX})));
  EXPECT_EQ(out.room(), abi::transfer::data_max);
}

TEST_F(OutgoingTest, PatienceEnds) {
  out.tick(patience - 1);
  EXPECT_FALSE(out.done());
  out.tick(patience);
  ASSERT_TRUE(out.done());
  EXPECT_EQ(out.ended().why, "did not answer for 5 s");
}

TEST_F(OutgoingTest, OneThatTakesNothingIsDroppedThoughItSpeaks) {
  EXPECT_FALSE(hear(encode(id, Accept{5})));
  out.send("12345", false, now);
  for (; now < patience; now += word_period) {
    out.tick(now);
    ASSERT_FALSE(out.done());
    EXPECT_FALSE(hear(encode(id, Credit{5})));
  }
  out.tick(now);
  ASSERT_TRUE(out.done());
  EXPECT_EQ(out.ended().why, "took less than 32 KB in 5 s");
}

TEST_F(OutgoingTest, OneThatTakesAByteAtATimeIsDroppedAsSoon) {
  std::uint64_t up_to = 1;
  EXPECT_FALSE(hear(encode(id, Accept{up_to})));
  while (!out.done() && now < 60'000 * ms) {
    out.send("1", false, now);
    now += std::min<Time>(4'900 * ms, *out.deadline() - now);
    out.tick(now);
    if (!out.done()) {
      EXPECT_FALSE(hear(encode(id, Credit{++up_to})));
    }
  }
  ASSERT_TRUE(out.done());
  EXPECT_EQ(now, patience);
  EXPECT_EQ(out.ended().why, "took less than 32 KB in 5 s");
}

TEST_F(OutgoingTest, OneThatTakesAMessageInItsPatienceIsKept) {
  const std::string piece(abi::transfer::data_max, 'x');
  std::uint64_t up_to = piece.size();
  EXPECT_FALSE(hear(encode(id, Accept{up_to})));
  for (int i = 0; i < 20; ++i) {
    out.send(piece, false, now);
    out.tick(now += patience - 1);
    ASSERT_FALSE(out.done());
    EXPECT_FALSE(hear(encode(id, Credit{up_to += piece.size()})));
  }
  // What it waits for us does not count.
  out.tick(now += 10 * patience);
  out.send(piece, false, now);
  out.tick(now + patience - 1);
  EXPECT_FALSE(out.done());
  out.tick(now + patience);
  EXPECT_EQ(out.ended().why, "took nothing more for 5 s");
}

TEST(Outgoing, ACopyThatIsGivenUpMayBeThere) {
  struct Nowhere final : Wire {
    void send(std::string_view) override {}
    bool up() const override { return true; }
  } nowhere;
  Outgoing out{nowhere, id, {Kind::copy, 1, 1, 1 << 20, 1, "x"}, 0};
  EXPECT_FALSE(out.receive(*Message::parse(encode(id, Accept{5})), 0));
  out.send("12345", true, 0);
  out.tick(patience);
  ASSERT_TRUE(out.done());
  EXPECT_EQ(out.ended().why, "did not answer for 5 s, and may have it all the same");
}

TEST_F(OutgoingTest, OneHeldUpByOthersKeepsInTouch) {
  EXPECT_FALSE(hear(encode(id, Accept{5})));
  for (; now <= 4 * patience; now += word_period) out.tick(now);
  EXPECT_FALSE(out.done());
  ASSERT_NE(sent.back().as<Data>(), nullptr);
  EXPECT_EQ(sent.back().as<Data>()->bytes, "");
}

// A move in doubt stays so, however long, until the peer says or is known to be dead.
TEST_F(OutgoingTest, DoubtEndsWithAnAnswerOnly) {
  EXPECT_FALSE(hear(encode(id, Accept{5})));
  out.send("12345", true, now);
  out.tick(now += patience);
  EXPECT_EQ(out.state(), Sender::cancelling);
  connected = false;
  out.peer_down(now);
  EXPECT_FALSE(out.deadline());
  out.tick(now += 1'000'000 * ms);
  EXPECT_EQ(out.state(), Sender::cancelling);
  connected = true;
  const auto before = sent.size();
  out.peer_up(now);
  EXPECT_EQ(sent.size(), before + 1);
  EXPECT_NE(sent.back().as<Cancel>(), nullptr);
  out.peer_lost();
  EXPECT_EQ(out.ended().how, Ended::How::lost);
}

TEST_F(OutgoingTest, AnArrivalThatTakesTooLongIsCancelled) {
  EXPECT_FALSE(hear(encode(id, Accept{5})));
  out.send("12345", true, now);
  for (; now < arrival_max; now += word_period) {
    out.tick(now);
    ASSERT_EQ(out.state(), Sender::sent);
    EXPECT_FALSE(hear(encode(id, Credit{5})));
  }
  out.tick(now);
  EXPECT_EQ(out.state(), Sender::cancelling);
  EXPECT_FALSE(hear(encode(id, Arrived{9}))) << "too late to be cancelled";
  EXPECT_EQ(out.ended().how, Ended::How::arrived);
  EXPECT_NE(sent.back().as<Settled>(), nullptr);
}

struct IncomingTest : ::testing::Test, Wire, Cargo {
  void send(std::string_view message) override { sent.push_back(*Message::parse(keep.emplace_back(message))); }
  bool up() const override { return true; }
  std::expected<bool, Refusal> take(std::string_view bytes) override {
    got += bytes;
    return got.ends_with('.');
  }
  std::size_t held() const override { return holds ? got.size() : 0; }
  void activate() override { activated = true; }
  void drop(const std::string& why) override { dropped += why; }
  std::optional<std::string> hear(const std::string& bytes) { return in.receive(*Message::parse(bytes), now); }
  Time now = 0;
  std::deque<std::string> keep;
  std::vector<Message> sent;
  std::string got, dropped;
  bool activated = false, holds = false;
  Incoming in{*this, *this, id, {Kind::move, 1, 1, 1 << 20, 1, "x"}, 0};
};

TEST_F(IncomingTest, WhatCameBeforeIsDroppedAndAnOverlapIsCut) {
  EXPECT_FALSE(hear(encode(id, Data{0, "abc"})));
  EXPECT_FALSE(hear(encode(id, Data{0, "abc"})));
  EXPECT_FALSE(hear(encode(id, Data{1, "bcde"})));
  EXPECT_EQ(got, "abcde");
}

TEST_F(IncomingTest, AGapEndsIt) {
  EXPECT_EQ(hear(encode(id, Data{1, "abc"})), "left out data from 0 to 1");
  EXPECT_EQ(in.state(), Receiver::refused);
  EXPECT_EQ(dropped, "the sender left out data from 0 to 1");
  EXPECT_NE(sent.back().as<Refuse>(), nullptr);
}

TEST_F(IncomingTest, DataBeyondTheCreditEndsIt) {
  holds = true;  // and so gives no more
  const std::string piece(abi::transfer::data_max, 'x');
  for (; got.size() < abi::transfer::window_default;) EXPECT_FALSE(hear(encode(id, Data{got.size(), piece})));
  EXPECT_EQ(in.state(), Receiver::receiving);
  EXPECT_EQ(hear(encode(id, Data{got.size(), "x"})), "sent data up to 262145 and may send up to 262144");
  EXPECT_EQ(in.state(), Receiver::refused);
  ASSERT_NE(sent.back().as<Refuse>(), nullptr);
  EXPECT_EQ(sent.back().as<Refuse>()->text, "the sender sent data up to 262145 and may send up to 262144");
}

// A lost one would hold both up until their patience ends.
TEST_F(IncomingTest, CreditIsRepeated) {
  const auto n = sent.size();
  EXPECT_EQ(in.deadline(), word_period);
  in.tick(word_period);
  ASSERT_EQ(sent.size(), n + 1);
  ASSERT_NE(sent.back().as<Credit>(), nullptr);
  EXPECT_EQ(sent.back().as<Credit>()->up_to, abi::transfer::window_default);
}

TEST_F(IncomingTest, SilenceEndsIt) {
  in.tick(patience - 1);
  EXPECT_EQ(in.state(), Receiver::receiving);
  in.tick(patience);
  EXPECT_EQ(in.state(), Receiver::refused);
}

TEST_F(IncomingTest, WordsWithoutBytesKeepItForAWhile) {
  for (; now < standstill_max; now += word_period) {
    in.tick(now);
    ASSERT_EQ(in.state(), Receiver::receiving);
    EXPECT_FALSE(hear(encode(id, Data{0, {}})));
  }
  in.tick(now);
  EXPECT_EQ(in.state(), Receiver::refused);
}

TEST_F(IncomingTest, CancelWhileItIsBroughtToLife) {
  EXPECT_FALSE(hear(encode(id, Data{0, "a."})));
  ASSERT_TRUE(activated);
  EXPECT_FALSE(hear(encode(id, Cancel{})));
  EXPECT_EQ(in.state(), Receiver::cancelled);
  EXPECT_FALSE(dropped.empty());
  in.activated(3, now);
  EXPECT_EQ(in.state(), Receiver::cancelled) << "too late";
  EXPECT_FALSE(hear(encode(id, Cancel{})));
  EXPECT_NE(sent.back().as<Cancelled>(), nullptr) << "the same again";
}

TEST_F(IncomingTest, ArrivedIsRepeatedUntilSettled) {
  EXPECT_FALSE(hear(encode(id, Data{0, "a."})));
  in.activated(3, now);
  EXPECT_FALSE(in.settled());
  const auto n = sent.size();
  in.tick(now += word_period);
  EXPECT_EQ(sent.size(), n + 1);
  EXPECT_FALSE(hear(encode(id, Cancel{})));
  EXPECT_NE(sent.back().as<Arrived>(), nullptr);
  EXPECT_FALSE(hear(encode(id, Settled{})));
  EXPECT_TRUE(in.settled());
}

TEST_F(IncomingTest, ADeadSenderHasNothingToSettle) {
  EXPECT_FALSE(hear(encode(id, Data{0, "a."})));
  in.peer_lost();
  EXPECT_EQ(in.state(), Receiver::activating) << "what is here in one piece goes on";
  in.activated(3, now);
  EXPECT_EQ(in.state(), Receiver::arrived);
  EXPECT_TRUE(in.settled());
}

TEST_F(IncomingTest, AnswersAsOfAReceiverEndIt) {
  EXPECT_TRUE(hear(encode(id, Accept{1})));
  EXPECT_EQ(in.state(), Receiver::refused);
}

}  // namespace
}  // namespace agency::transfer
