// The vbstore client against the agency's own server, and against servers that break the protocol.
#include <atomic>
#include <string>

#include "so3/guest/events.hpp"
#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/guest/store/service.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

using vbstore::Error;

struct StoreClientTest : StoreWorld {};

TEST_F(StoreClientTest, WritesAndReads) {
  ASSERT_TRUE(vbstore::write("device/2/x", "hello"));
  EXPECT_EQ(value("device/2/x"), "hello");
  EXPECT_EQ(vbstore::read("device/2/x")->view(), "hello");
  ASSERT_TRUE(vbstore::write("device/2/n", std::uint64_t{42}));
  EXPECT_EQ(*vbstore::read("device/2/n")->number(), 42u);
}

// M8, X13: the longest description passes, and is longer than what the ring leaves free.
TEST_F(StoreClientTest, M8_LongestValuePasses) {
  const std::string longest(abi::vbstore::value_max, 'd');
  ASSERT_TRUE(vbstore::write("soo/me/2/shortdesc", longest));
  EXPECT_EQ(vbstore::read("soo/me/2/shortdesc")->view(), longest);
  EXPECT_EQ(vbstore::write("soo/me/2/shortdesc", longest + "d").error(), Error::too_big);
}

TEST_F(StoreClientTest, ErrorsAreOfTheCall) {
  EXPECT_EQ(vbstore::read("device/2/none").error(), Error::not_found);
  EXPECT_EQ(vbstore::write("device/3/x", "1").error(), Error::denied);
  EXPECT_EQ(vbstore::write("device//x", "1").error(), Error::invalid);
  EXPECT_EQ(vbstore::write(std::string(256, 'a'), "1").error(), Error::invalid);
  EXPECT_EQ(vbstore::write(std::string_view{"device/2/x\0y", 12}, "1").error(), Error::invalid);
  EXPECT_EQ(*vbstore::exists("device/3"), false);
  ASSERT_TRUE(vbstore::write("device/2/t", "12a"));
  EXPECT_EQ(vbstore::read("device/2/t")->number().error(), Error::invalid);
}

TEST_F(StoreClientTest, ListsChildren) {
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(vbstore::write(std::string{"device/2/"} + key, "1"));
  const auto names = vbstore::directory("device/2");
  ASSERT_TRUE(names);
  std::string all;
  for (const auto name : *names) all += name;
  EXPECT_EQ(all, "abc");
  EXPECT_EQ(vbstore::directory("device/9").error(), Error::not_found);
  ASSERT_TRUE(vbstore::mkdir("device/2/empty"));
  const auto none = vbstore::directory("device/2/empty");
  EXPECT_EQ(none->begin(), none->end());
}

TEST_F(StoreClientTest, TransactionIsOneMessageAllOrNothing) {
  vbstore::Transaction good;
  good.write("device/2/a", "1").mkdir("device/2/d").write("device/2/b", std::uint64_t{2});
  ASSERT_TRUE(good.commit());
  EXPECT_EQ(value("device/2/a") + value("device/2/b"), "12");

  vbstore::Transaction bad;
  bad.write("device/2/c", "3").write("device/7/c", "3");
  EXPECT_EQ(bad.commit().error(), Error::denied);
  EXPECT_FALSE(exists("device/2/c"));
  ASSERT_TRUE(bad.commit());  // empty again
}

TEST_F(StoreClientTest, TransactionThatDoesNotFitIsRefusedWhole) {
  vbstore::Transaction large;
  const std::string kilobyte(1024, 'x');
  for (int i = 0; i < 9; ++i) large.write("device/2/k" + std::to_string(i), kilobyte);
  EXPECT_EQ(large.commit().error(), Error::too_big);
  EXPECT_FALSE(exists("device/2/k0"));
}

TEST_F(StoreClientTest, ManyCallersAtOnce) {
  constexpr int callers = 12, rounds = 20;
  int done = 0;
  for (int caller = 0; caller < callers; ++caller)
    start("caller", [&, caller] {
      const auto path = "device/2/caller" + std::to_string(caller);
      for (int round = 0; round < rounds; ++round) {
        const std::string wanted =
            std::to_string(caller) + ":" + std::string(static_cast<std::size_t>(40 * round), 'x');
        ASSERT_TRUE(vbstore::write(path, wanted));
        ASSERT_EQ(vbstore::read(path)->view(), wanted);
      }
      ++done;
    });
  while (done < callers) settle();
}

TEST_F(StoreClientTest, NotConnectedIsAnError) {
  guest::set_store(nullptr);
  EXPECT_EQ(vbstore::read("device/2/x").error(), Error::unavailable);
  vbstore::Transaction t;
  t.write("device/2/x", "1");
  EXPECT_EQ(t.commit().error(), Error::unavailable);
  vbstore::Watch watch;
  EXPECT_EQ(watch.start("device/2", [](void*, std::string_view) {}, nullptr).error(), Error::unavailable);
  guest::set_store(&client);
}

// A server of the test's own hand.
struct BrokenServerTest : World {
  BrokenServerTest() {
    EXPECT_TRUE(guest::events().set(
        abi::port_store, [](void* c) { static_cast<guest::StoreClient*>(c)->signalled(); }, &client));
    guest::set_store(&client);
    page.requests.indices.reader_waiting = 1;  // wants to be signalled
    start("vbstore", [this] { client.read_answers(); }, THREAD_PRIO_DEFAULT + 10);
    thread_yield();
    peers = [this] { return std::exchange(asked_, false) && (answer(), deliver(abi::port_store), true); };
    avz.on(abi::Call::event_send, [this](const auto&) {
      asked_ = true;
      return hypercall::Answer{};
    });
  }
  ~BrokenServerTest() override {
    std::atomic_ref{page.answers.indices.produced}.store(0x8000'0000);
    deliver(abi::port_store);
    thread_yield();  // the client's thread ends before what it uses
    guest::set_store(nullptr);
    guest::events().clear(abi::port_store);
  }
  void say(const abi::vbstore::Header& header, std::string_view payload = {}) {
    server.write({reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
    if (!payload.empty()) server.write({reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()});
    static_cast<void>(server.publish());
  }
  std::function<void()> answer = [] {};
  abi::vbstore::StorePage page{};
  abi::ByteRingWriter<abi::vbstore::ring_bytes> server{page.answers};
  guest::StoreClient client{page, [] { static_cast<void>(hypercall::event_send(abi::port_store)); }};

 private:
  bool asked_ = false;
};

TEST_F(BrokenServerTest, TooLongAnswerEndsTheConnection) {
  answer = [this] { say({.type = 2, .id = 1, .length = abi::vbstore::payload_max + 1, .status = 0}); };
  EXPECT_EQ(vbstore::read("a").error(), Error::unavailable);
  EXPECT_TRUE(client.broken());
  EXPECT_NE(console().find("longer than the protocol allows"), std::string::npos);
  EXPECT_EQ(vbstore::read("a").error(), Error::unavailable);
}

TEST_F(BrokenServerTest, ImpossibleIndexEndsTheConnection) {
  answer = [this] { page.answers.indices.produced = 5000; };
  EXPECT_EQ(vbstore::read("a").error(), Error::unavailable);
  EXPECT_TRUE(client.broken());
}

TEST_F(BrokenServerTest, ImpossibleRequestIndexEndsTheConnection) {
  page.requests.indices.consumed = 77;
  EXPECT_EQ(vbstore::read("a").error(), Error::unavailable);
  EXPECT_TRUE(client.broken());
}

TEST_F(BrokenServerTest, AnswersNobodyAskedForAreDropped) {
  answer = [this] {
    say({.type = 2, .id = 99, .length = 3, .status = 0}, "abc");
    say({.type = 2, .id = 1, .length = 2, .status = 0}, "ok");
    say({.type = 2, .id = 1, .length = 2, .status = 0}, "no");
  };
  EXPECT_EQ(vbstore::read("a")->view(), "ok");
  EXPECT_FALSE(client.broken());
}

TEST_F(BrokenServerTest, UnknownStatusIsAnError) {
  answer = [this] { say({.type = 2, .id = 1, .length = 0, .status = -12345}); };
  EXPECT_EQ(vbstore::read("a").error(), Error::unavailable);
}

TEST_F(BrokenServerTest, WatchEventWithoutItsPathsEndsTheConnection) {
  answer = [this] { say({.type = 9, .id = 0, .length = 3, .status = 0}, "abc"); };
  EXPECT_EQ(vbstore::read("a").error(), Error::unavailable);
  EXPECT_TRUE(client.broken());
}

// All who wait are told, not only the one whose answer was broken.
TEST_F(BrokenServerTest, EveryWaiterIsReleased) {
  int failed = 0;
  for (int i = 0; i < 5; ++i) start("caller", [&] { failed += vbstore::read("a").error() == Error::unavailable; });
  answer = [this] { page.answers.indices.produced = 0x7000'0000; };
  EXPECT_EQ(vbstore::read("b").error(), Error::unavailable);
  thread_yield();
  EXPECT_EQ(failed, 5);
}

}  // namespace
