#include <cstring>
#include <memory>

#include "so3/agency/store/connection.hpp"
#include "store_fixture.hpp"

namespace agency {
namespace {

using abi::Status;
using abi::vbstore::Header;
using abi::vbstore::StorePage;
using abi::vbstore::Type;

struct SilentBell final : Doorbell {
  using Doorbell::Doorbell;
  void answer() override {}
};

// The ME's side of the rings, as libme has it, driven by hand.
class Client : Connection::Client {
 public:
  Client(std::uint32_t slot, Store& store)
      : page{std::make_unique<StorePage>()}, connection{slot, *page, store, bell, *this} {}

  static std::string message(Type type, std::uint32_t id, std::string_view payload) {
    const Header h{static_cast<std::uint32_t>(type), id, static_cast<std::uint32_t>(payload.size()), 0};
    return std::string{reinterpret_cast<const char*>(&h), sizeof h}.append(payload);
  }
  // Sends all, however long, letting the server work in between.
  void send(std::string_view bytes) {
    while (!bytes.empty() && connection.fault() == nullptr) {
      bytes.remove_prefix(writer.write({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
      static_cast<void>(writer.publish());
      serve();
      collect();
    }
  }
  void serve() {
    while (connection.serve().more) {
    }
  }
  void collect() {
    std::uint8_t buffer[256];
    for (std::size_t n; (n = reader.read(buffer)) != 0;) {
      answers.append(reinterpret_cast<const char*>(buffer), n);
      static_cast<void>(reader.release());
      serve();
    }
  }
  struct Answer {
    Type type;
    std::uint32_t id;
    Status status;
    std::string payload;
  };
  std::optional<Answer> next() {
    Header h;
    if (answers.size() < sizeof h) return std::nullopt;
    std::memcpy(&h, answers.data(), sizeof h);
    Answer a{static_cast<Type>(h.type), h.id, static_cast<Status>(h.status), answers.substr(sizeof h, h.length)};
    answers.erase(0, sizeof h + h.length);
    return a;
  }
  Answer ask(Type type, std::string_view payload) {
    send(message(type, ++id, payload));
    auto a = next();
    EXPECT_TRUE(a);
    EXPECT_EQ(a->id, id);
    EXPECT_EQ(a->type, type);
    return *a;
  }

  Doorbells bells{[] {}};
  SilentBell bell{bells};
  void asked(std::uint32_t of, const Connection::Words& words) override { questions.emplace_back(of, words); }
  std::vector<std::pair<std::uint32_t, Connection::Words>> questions;
  std::unique_ptr<StorePage> page;
  Connection connection;
  abi::ByteRingWriter<abi::vbstore::ring_bytes> writer{page->requests};
  abi::ByteRingReader<abi::vbstore::ring_bytes> reader{page->answers};
  std::string answers;
  std::uint32_t id = 0;
};

using namespace std::string_literals;

TEST_F(StoreTest, ServesRequests) {
  Client me{2, store};
  EXPECT_EQ(me.ask(Type::write, "soo/me/2/name\0SOO.refso3"s).status, Status::ok);
  EXPECT_EQ(me.ask(Type::read, "soo/me/2/name\0"s).payload, "SOO.refso3");
  EXPECT_EQ(me.ask(Type::directory, "soo/me/2\0"s).payload, "name\0"s);
  EXPECT_EQ(me.ask(Type::directory_exists, "soo/me/3\0"s).status, Status::not_found);
  EXPECT_EQ(me.ask(Type::write, "soo/me/3/name\0x"s).status, Status::denied);
  EXPECT_EQ(me.ask(Type::rm, "soo/me/2\0"s).status, Status::ok);
}

std::string question(std::uint64_t command) {
  const Connection::Words words{command, {}};
  return {reinterpret_cast<const char*>(&words), sizeof words};
}

// Threads wait for what the agency does with other MEs; the store does not wait with them.
TEST_F(StoreTest, AgencyCtlIsAnsweredLaterAndTheRestMeanwhile) {
  Client me{2, store};
  me.send(me.message(Type::agency_ctl, 71, question(0x14)));
  EXPECT_FALSE(me.next());
  EXPECT_EQ(me.ask(Type::directory_exists, "soo\0"s).status, Status::ok);
  ASSERT_EQ(me.questions.size(), 1u);
  EXPECT_EQ(me.questions[0].second.command, 0x14u);
  me.connection.answer(71, {0x14, {0, 5}});
  me.serve();
  me.collect();
  const auto answer = me.next();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->id, 71u);
  ASSERT_EQ(answer->payload.size(), sizeof(Connection::Words));
  Connection::Words words;
  std::memcpy(&words, answer->payload.data(), sizeof words);
  EXPECT_EQ(words.words[1], 5u);
}

TEST_F(StoreTest, AgencyCtlsThatWaitAreBounded) {
  Client me{2, store};
  for (std::uint32_t i = 0; i < Connection::questions_max; ++i)
    me.send(me.message(Type::agency_ctl, 100 + i, question(1)));
  const auto refused = me.ask(Type::agency_ctl, question(1));
  std::int64_t status = 0;
  std::memcpy(&status, refused.payload.data() + 8, sizeof status);
  EXPECT_EQ(static_cast<Status>(status), Status::busy);
  EXPECT_EQ(me.questions.size(), Connection::questions_max);
  me.connection.answer(100, {});
  me.send(me.message(Type::agency_ctl, 200, question(1)));
  EXPECT_EQ(me.questions.size(), Connection::questions_max + 1);
}

TEST_F(StoreTest, AgencyCtlOfAnotherLengthIsRefused) {
  Client me{2, store};
  EXPECT_EQ(me.ask(Type::agency_ctl, question(1) + "x").status, Status::bad_argument);
  EXPECT_TRUE(me.questions.empty());
}

TEST_F(StoreTest, MalformedRequestIsAnsweredAndForgotten) {
  Client me{2, store};
  EXPECT_EQ(me.ask(Type::read, "no NUL"s).status, Status::bad_argument);
  EXPECT_EQ(me.ask(Type::read, "/slash\0"s).status, Status::bad_argument);
  EXPECT_EQ(me.ask(Type::read, "soo\0trailing"s).status, Status::bad_argument);
  EXPECT_EQ(me.ask(Type::read, ""s).status, Status::bad_argument);
  EXPECT_EQ(me.ask(static_cast<Type>(77), "soo\0"s).status, Status::not_supported);
  EXPECT_EQ(me.ask(Type::watch_event, "soo\0"s).status, Status::not_supported);
  EXPECT_EQ(me.ask(Type::transaction_end, "short"s).status, Status::bad_argument);
  EXPECT_EQ(me.connection.fault(), nullptr);
}

// X13: messages longer than the ring, in both directions.
TEST_F(StoreTest, LongMessagesStreamThroughTheRing) {
  Client me{2, store};
  std::string transaction;
  for (int i = 0; i < 7; ++i) {
    const auto key = "soo/me/2/k" + std::to_string(i) + '\0' + std::string(1024, static_cast<char>('a' + i));
    const abi::vbstore::Operation op{static_cast<std::uint32_t>(Type::write), static_cast<std::uint32_t>(key.size())};
    transaction.append(reinterpret_cast<const char*>(&op), sizeof op).append(key);
  }
  ASSERT_GT(transaction.size(), 7u * abi::vbstore::ring_bytes);
  EXPECT_EQ(me.ask(Type::transaction_end, transaction).status, Status::ok);
  EXPECT_EQ(me.ask(Type::read, "soo/me/2/k6\0"s).payload, std::string(1024, 'g'));
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(store.write(2, path("device/2/some-longer-name-" + std::to_string(i)), ""));
  EXPECT_GT(me.ask(Type::directory, "device/2\0"s).payload.size(), 3u * abi::vbstore::ring_bytes);
}

TEST_F(StoreTest, WatchEventFollowsTheAnswer) {
  Client me{2, store};
  me.send(Client::message(Type::watch, 9, "soo/me\0"s));
  EXPECT_EQ(me.next()->id, 9u);
  auto event = me.next();
  EXPECT_EQ(event->type, Type::watch_event);
  EXPECT_EQ(event->id, 0u);
  EXPECT_EQ(event->payload, "soo/me\0soo/me\0"s);
  ASSERT_TRUE(store.write(3, path("soo/me/3/name"), "x"));
  me.serve();
  me.collect();
  EXPECT_EQ(me.next()->payload, "soo/me\0soo/me/3/name\0"s);
}

TEST_F(StoreTest, SleepingClientIsSignalled) {
  Client me{2, store};
  ASSERT_TRUE(me.reader.prepare_wait());
  me.send("");
  static_cast<void>(me.writer.write({reinterpret_cast<const std::uint8_t*>("x"), 0}));
  const auto request = Client::message(Type::read, 1, "soo\0"s);
  me.writer.write({reinterpret_cast<const std::uint8_t*>(request.data()), request.size()});
  static_cast<void>(me.writer.publish());
  EXPECT_TRUE(me.connection.serve().signal);
  EXPECT_FALSE(me.connection.serve().signal);
}

// Decision 10, X13: who breaks the protocol is cut off; the next client does not notice.
TEST_F(StoreTest, HostileClientsAreCutOff) {
  Client bad_index{2, store}, bad_length{3, store}, bad_consumer{4, store}, good{5, store};
  bad_index.page->requests.indices.produced = abi::vbstore::ring_bytes + 1;
  bad_index.serve();
  EXPECT_STREQ(bad_index.connection.fault(), "a ring index beyond the ring");

  Header h{static_cast<std::uint32_t>(Type::write), 1, abi::vbstore::payload_max + 1, 0};
  bad_length.send({reinterpret_cast<const char*>(&h), sizeof h});
  EXPECT_STREQ(bad_length.connection.fault(), "a message longer than the protocol allows");

  bad_consumer.page->answers.indices.consumed = 5000;
  bad_consumer.send(Client::message(Type::read, 1, "soo\0"s));
  EXPECT_NE(bad_consumer.connection.fault(), nullptr);

  EXPECT_EQ(good.ask(Type::write, "soo/me/5/name\0fine"s).status, Status::ok);
  EXPECT_FALSE(bad_index.connection.serve().more);
}

// A client that never reads its answers stops being served when its ring is full, and holds one answer.
TEST_F(StoreTest, ClientThatNeverReadsOnlyStopsItself) {
  Client me{2, store}, other{3, store};
  ASSERT_TRUE(store.write(2, path("soo/me/2/d"), std::string(1000, 'd')));
  const auto request = Client::message(Type::read, 1, "soo/me/2/d\0"s);
  std::size_t taken = 0;
  for (int i = 0; i < 100; ++i) {
    taken += me.writer.write({reinterpret_cast<const std::uint8_t*>(request.data()), request.size()});
    static_cast<void>(me.writer.publish());
    EXPECT_FALSE(me.connection.serve().more);
  }
  EXPECT_LT(taken, 2 * abi::vbstore::ring_bytes) << "the server must stop reading";
  EXPECT_EQ(other.ask(Type::read, "soo/me/2/d\0"s).payload.size(), 1000u);
  me.collect();
  EXPECT_EQ(me.next()->payload.size(), 1000u);
}

// One client's flood takes turns with the others.
TEST_F(StoreTest, TurnsAreBounded) {
  Client me{2, store};
  std::string flood;
  for (int i = 0; i < 40; ++i) flood += Client::message(Type::read, 1, "x\0"s);
  me.writer.write({reinterpret_cast<const std::uint8_t*>(flood.data()), flood.size()});
  static_cast<void>(me.writer.publish());
  EXPECT_TRUE(me.connection.serve().more);
}

}  // namespace
}  // namespace agency
