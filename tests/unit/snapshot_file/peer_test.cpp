// The engine as a peer, against the agency's side of the protocol: what happens to any one message, the other side's
// death and a disk that does not keep up end with a file or without one, and with a reason; nobody waits for ever.
#include "engine/snapshot/peer.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/unit/snapshot/sample.hpp"

namespace {

namespace fs = std::filesystem;
namespace protocol = agency::transfer;
using abi::transfer::Kind;
using engine::Errc;
using protocol::Id;
using protocol::Time;
constexpr Time ms = agency::ms;
constexpr Id id{99, 0};
constexpr std::uint32_t slot = 4;

enum class Fault { none, drop, twice, corrupt, death };

std::string text_of(const snapshot_test::Stream& stream) {
  return {reinterpret_cast<const char*>(stream.data()), stream.size()};
}

// One message after the other, the `at`th of which the fault strikes; time passes when nobody has anything to say.
class World : public protocol::Wire {
 public:
  World(Fault fault, int at) : fault_{fault}, at_{at} {}

  void send(std::string_view message) override { post(true, message); }
  bool up() const override { return !dead; }

  void post(bool to_engine, std::string_view message) {
    if (dead) return;
    std::string copy{message};
    if (sent++ == at_) {
      if (fault_ == Fault::drop) return;
      if (fault_ == Fault::death) {
        dead = true;
        return;
      }
      if (fault_ == Fault::twice) queue.emplace_back(to_engine, copy);
      if (fault_ == Fault::corrupt) copy[0] = 0x7f;
    }
    queue.emplace_back(to_engine, std::move(copy));
  }

  Time now = 1;
  bool dead = false;
  int sent = 0;
  std::deque<std::pair<bool, std::string>> queue;
  engine::SnapshotPeer peer{[this](std::string_view message) { post(false, message); }};

 private:
  Fault fault_;
  int at_;
};

class EngineAsPeer : public testing::TestWithParam<Fault> {
 protected:
  EngineAsPeer() { fs::create_directories(folder_); }
  ~EngineAsPeer() override { fs::remove_all(folder_); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_ = fs::temp_directory_path() / ("peer_test." + std::to_string(::getpid()));
  fs::path file_ = folder_ / "a.me";
  snapshot_test::Contents sample_ = snapshot_test::sample();
  std::string stream_ = text_of(sample_.write());
  protocol::Offer offer_{Kind::save, 1, sample_.me.spid, sample_.me.ram_size, 1, "x"};
};

// Whoever waits in a thread of his own, and the time that passes until he has an answer.
template <typename Ask, typename Step>
auto answer_of(World& world, Ask ask, Step step) {
  std::optional<decltype(ask())> result;
  std::atomic<bool> done = false;
  std::thread asker([&] {
    result = ask();
    done = true;
  });
  while (!done && world.now < 200'000 * ms) step(done.load());
  if (!done) world.peer.end({Errc::died, "it hung", {}});
  asker.join();
  EXPECT_LT(world.now, 200'000 * ms) << "nobody ended it";
  return *result;
}

struct SaveResult {
  engine::Result<engine::SavedSnapshot> engine;
  int messages;
};

TEST_P(EngineAsPeer, SavesOrSaysWhyNot) {
  const auto save = [&](Fault fault, int at) {
    World world(fault, at);
    auto writer = engine::SnapshotWriter::create(file_);
    EXPECT_TRUE(writer);
    auto saving = std::make_shared<engine::Saving>(std::move(*writer));
    EXPECT_TRUE(world.peer.expect(slot, saving));
    EXPECT_EQ(world.peer.expect(slot, saving).error().code, Errc::wrong_state) << "one at a time";
    protocol::Outgoing out(world, id, offer_, world.now);
    world.queue.emplace_back(true, "");  // what the agency tells of it, after the offer
    std::size_t produced = 0;
    bool replied = false, ended = false;
    auto result = answer_of(
        world, [&] { return saving->run(std::chrono::seconds(20), [] {}); },
        [&](bool) {
          if (world.dead && !std::exchange(ended, true)) world.peer.end({Errc::died, "it died", {}});
          if (!world.queue.empty()) {
            const auto [to_engine, message] = world.queue.front();
            world.queue.pop_front();
            if (!to_engine) {
              const auto m = protocol::Message::parse(message);
              if (m) static_cast<void>(out.receive(*m, world.now));
              else if (m.error().id) out.garbage(m.error().why, world.now);
            } else if (message.empty()) {
              world.peer.told(id, slot, world.now);
            } else {
              world.peer.message(message, world.now);
            }
            return;
          }
          if (const auto room = out.room(); room != 0 && produced < stream_.size()) {
            const auto piece = std::string_view(stream_).substr(produced, std::min<std::size_t>(room, 3000));
            produced += piece.size();
            out.send(piece, produced == stream_.size(), world.now);
            return;
          }
          if (out.done() && !world.dead && !std::exchange(replied, true)) {
            const bool arrived = out.ended().how == protocol::Ended::How::arrived;
            world.peer.answered(
                slot, arrived ? std::nullopt : std::optional{engine::Error{Errc::failed, out.ended().why, {}}});
          }
          std::this_thread::yield();
          world.now += ms;
          out.tick(world.now);
          world.peer.look(world.now);
        });
    return SaveResult{std::move(result), world.sent};
  };
  const auto whole = save(Fault::none, -1);
  ASSERT_TRUE(whole.engine) << whole.engine.error().message;
  EXPECT_EQ(whole.engine->name, sample_.me.name);
  EXPECT_EQ(whole.engine->stream_length, stream_.size());
  fs::remove(file_);
  for (int at = 0; at < whole.messages; ++at) {
    SCOPED_TRACE(at);
    const auto result = save(GetParam(), at).engine;
    EXPECT_EQ(files(), result ? 1U : 0U) << "the answer and the file agree";
    if (result) {
      snapshot_test::Record record;
      EXPECT_TRUE(engine::read_snapshot(file_, record));
      EXPECT_TRUE(record.contents == sample_);
    } else {
      EXPECT_FALSE(result.error().message.empty());
    }
    fs::remove(file_);
    if (HasFailure()) return;
  }
}

TEST_P(EngineAsPeer, RestoresOrSaysWhyNot) {
  struct Hold final : protocol::Cargo {
    std::expected<bool, agency::Refusal> take(std::string_view bytes) override {
      got += bytes;
      return got.size() == size;
    }
    void activate() override { activating = true; }
    void drop(const std::string&) override { dropped = true; }
    std::string got;
    std::size_t size = 0;
    bool activating = false, dropped = false;
  };
  {
    auto writer = engine::SnapshotWriter::create(file_);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->write(std::as_bytes(std::span(stream_))));
    ASSERT_TRUE((*writer)->finish());
  }
  int messages = 0;
  const auto restore = [&](Fault fault, int at) {
    World world(fault, at);
    auto restoring = engine::Restoring::open(file_);
    EXPECT_TRUE(restoring) << restoring.error().message;
    EXPECT_EQ((*restoring)->offer().spid, sample_.me.spid);
    Hold hold;
    hold.size = stream_.size();
    std::optional<protocol::Incoming> in;
    world.peer.restore(id, *restoring, world.now);
    bool ended = false;
    auto result = answer_of(
        world, [&] { return (*restoring)->run([] {}); },
        [&](bool) {
          if (world.dead && !std::exchange(ended, true)) world.peer.end({Errc::died, "it died", {}});
          if (!world.queue.empty()) {
            const auto [to_engine, message] = world.queue.front();
            world.queue.pop_front();
            if (to_engine) return world.peer.message(message, world.now);
            const auto m = protocol::Message::parse(message);
            if (m && in) static_cast<void>(in->receive(*m, world.now));
            else if (m && m->as<protocol::Offer>()) in.emplace(world, hold, id, *m->as<protocol::Offer>(), world.now);
            else if (!m && in) in->garbage(m.error().why);
            return;
          }
          if (std::exchange(hold.activating, false)) in->activated(7U, world.now);
          std::this_thread::yield();
          world.now += ms;
          if (in) in->tick(world.now);
          world.peer.look(world.now);
        });
    messages = world.sent;
    if (result) {
      EXPECT_EQ(*result, 7U);
      EXPECT_EQ(hold.got, stream_);
    } else {
      EXPECT_FALSE(result.error().message.empty());
    }
    return result;
  };
  const auto whole = restore(Fault::none, -1);
  ASSERT_TRUE(whole) << whole.error().message;
  for (int at = 0, all = messages; at < all && !HasFailure(); ++at) {
    SCOPED_TRACE(at);
    static_cast<void>(restore(GetParam(), at));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, EngineAsPeer, testing::Values(Fault::drop, Fault::twice, Fault::corrupt, Fault::death));

// A disk that takes nothing for minutes makes the copy slow, and nothing else.
TEST_F(EngineAsPeer, ASlowDiskIsWaitedFor) {
  World world(Fault::none, -1);
  auto writer = engine::SnapshotWriter::create(file_);
  ASSERT_TRUE(writer);
  const auto saving = std::make_shared<engine::Saving>(std::move(*writer));  // nobody writes yet
  ASSERT_TRUE(world.peer.expect(slot, saving));
  protocol::Outgoing out(world, id, offer_, world.now);
  const auto deliver = [&] {
    while (!world.queue.empty()) {
      const auto [to_engine, message] = world.queue.front();
      world.queue.pop_front();
      if (to_engine) world.peer.message(message, world.now);
      else static_cast<void>(out.receive(*protocol::Message::parse(message), world.now));
    }
  };
  deliver();
  world.peer.told(id, slot, world.now);
  deliver();
  out.send(std::string_view(stream_).substr(0, 10'000), false, world.now);
  for (int s = 0; s < 300; ++s) {
    deliver();
    world.now += 1'000 * ms;
    world.peer.look(world.now);
    out.tick(world.now);
    ASSERT_EQ(out.state(), abi::transfer::Sender::sending) << s;
  }
  EXPECT_EQ(saving->held(), 10'000U);
  out.send(std::string_view(stream_).substr(10'000), true, world.now);
  for (int s = 0; s < 300; ++s) {
    deliver();
    world.now += 1'000 * ms;
    world.peer.look(world.now);
    out.tick(world.now);
    ASSERT_EQ(out.state(), abi::transfer::Sender::sent) << s;
  }
  world.peer.answered(slot, std::nullopt);  // so that it need not wait for one
  const auto saved = saving->run(std::chrono::seconds(20), [] {});
  ASSERT_TRUE(saved) << saved.error().message;
  world.peer.look(world.now);
  deliver();
  ASSERT_TRUE(out.done());
  EXPECT_EQ(out.ended().how, protocol::Ended::How::arrived);
}

TEST_F(EngineAsPeer, TakesNothingThatNobodyAskedFor) {
  World world(Fault::none, -1);
  const auto refusal = [&](Kind kind) -> std::string {
    auto offer = offer_;
    offer.kind = kind;
    world.peer.message(encode(id, offer), world.now);
    world.peer.told(id, slot, world.now);
    if (world.queue.empty()) return "(nothing)";
    const auto answer = protocol::Message::parse(world.queue.back().second);
    const auto* refuse = answer ? answer->as<protocol::Refuse>() : nullptr;
    return refuse ? refuse->text : "(not refused)";
  };
  EXPECT_EQ(refusal(Kind::save), "nobody wants a snapshot of slot 4");
  EXPECT_EQ(refusal(Kind::move), "the engine takes snapshots that were asked for, and no other MEs");
}

}  // namespace
