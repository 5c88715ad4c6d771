// The store client across a suspend: at the same place, and at a new one (M59, M62).
#include <optional>
#include <string>
#include <vector>

#include "so3/guest/events.hpp"
#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/guest/store/service.hpp"
#include "so3/kernel/shared.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

using vbstore::Error;

struct StoreSuspendTest : StoreWorld {
  // The ME goes to another smart object, whose store has nothing of it.
  void move(std::uint32_t to) {
    arrive(to);
    ASSERT_TRUE(client.renew(slot, to));
  }
};

TEST_F(StoreSuspendTest, M59_CallsWaitAndGoOn) {
  client.suspend();
  bool done = false;
  start("writer", [&] {
    EXPECT_TRUE(vbstore::write("device/2/x", "1"));
    done = true;
  });
  settle();
  EXPECT_FALSE(done);
  EXPECT_FALSE(exists("device/2/x"));
  client.resume();
  settle();
  EXPECT_TRUE(done);
  EXPECT_EQ(value("device/2/x"), "1");
}

TEST_F(StoreSuspendTest, M59_NothingIsOutstandingWhenItReturns) {
  int done = 0;
  for (int i = 0; i < 8; ++i)
    start("writer", [&, i] {
      EXPECT_TRUE(vbstore::write("device/2/k" + std::to_string(i), std::string(900, 'x')));
      ++done;
    });
  thread_yield();
  client.suspend();
  thread_yield();
  EXPECT_EQ(done, 8);  // all were under way
  EXPECT_EQ(page.requests.indices.consumed, page.requests.indices.produced);
  EXPECT_EQ(page.answers.indices.consumed, page.answers.indices.produced);
  client.resume();
}

// In cb_pre_resume, say: the thread that must end the waiting would wait for ever.
TEST_F(StoreSuspendTest, WhoSuspendedItIsRefusedAtOnce) {
  client.suspend();
  EXPECT_EQ(vbstore::read("device/2/x").error(), Error::unavailable);
  vbstore::Transaction transaction;
  transaction.write("device/2/x", "1");
  EXPECT_EQ(transaction.commit().error(), Error::unavailable);
  client.resume();
  EXPECT_EQ(vbstore::read("device/2/x").error(), Error::not_found);
}

TEST_F(StoreSuspendTest, TwiceIsOnce) {
  client.resume();
  client.suspend();
  client.suspend();
  client.resume();
  EXPECT_TRUE(vbstore::write("device/2/x", "1"));
}

TEST_F(StoreSuspendTest, SuspendedAfterTheServerBrokeTheProtocol) {
  std::atomic_ref{page.answers.indices.produced}.store(0x8000'0000);
  deliver(abi::port_store);
  settle();
  for (int i = 0; i < 3; ++i) {
    client.suspend();
    client.resume();
  }
  EXPECT_EQ(vbstore::read("device/2/x").error(), Error::unavailable);
}

struct Seen {
  std::vector<std::string> changes;
  static void note(void* self, std::string_view changed) { static_cast<Seen*>(self)->changes.emplace_back(changed); }
};
using Changes = std::vector<std::string>;

TEST_F(StoreSuspendTest, WatchEventsAreNotLost) {
  Seen seen;
  vbstore::Watch watch;
  ASSERT_TRUE(watch.start("soo/me", Seen::note, &seen));
  settle();
  seen.changes.clear();
  client.suspend();
  agency_writes("soo/me/5/name", "other");
  settle();
  EXPECT_TRUE(seen.changes.empty());
  client.resume();
  settle();
  EXPECT_EQ(seen.changes, Changes{"soo/me/5/name"});
}

TEST_F(StoreSuspendTest, M62_ANewPlaceIsServedFromTheStart) {
  ASSERT_TRUE(vbstore::write("device/2/x", "old"));
  client.suspend();
  move(7);
  EXPECT_EQ(vbstore::read("device/2/x").error(), Error::not_found);
  ASSERT_TRUE(vbstore::write("device/7/x", std::string(1000, 'n')));
  EXPECT_EQ(vbstore::read("device/7/x")->size(), 1000u);
}

TEST_F(StoreSuspendTest, M62_WatchesAreThereAgainWithTheNewSlot) {
  Seen own, backend, common, second;
  vbstore::Watch watches[4];
  ASSERT_TRUE(watches[0].start("device/2/vled/0", Seen::note, &own));
  ASSERT_TRUE(watches[1].start("backend/vled/2/0/state", Seen::note, &backend));
  ASSERT_TRUE(watches[2].start("soo/me", Seen::note, &common));
  ASSERT_TRUE(watches[3].start("soo/me", Seen::note, &second));
  settle();
  client.suspend();
  agency_writes("soo/me/9/name", "never told");
  move(7);
  settle();
  for (auto* const seen : {&own, &backend, &common, &second}) seen->changes.clear();
  agency_writes("device/7/vled/0/error", "e");
  agency_writes("device/2/vled/0/error", "of somebody else");
  agency_writes("backend/vled/7/0/state", "4");
  agency_writes("soo/me/3/name", "n");
  settle();
  EXPECT_EQ(own.changes, Changes{"device/7/vled/0/error"});
  EXPECT_EQ(backend.changes, Changes{"backend/vled/7/0/state"});
  EXPECT_EQ(common.changes, Changes{"soo/me/3/name"});
  EXPECT_EQ(second.changes, common.changes);
  for (auto& watch : watches) watch.stop();
}

// Each watch is told once at the new place, so that it looks; what it was not told of the old one would only mislead.
TEST_F(StoreSuspendTest, M62_EachWatchIsToldOnce) {
  Seen seen;
  vbstore::Watch watch;
  ASSERT_TRUE(watch.start("device/2", Seen::note, &seen));
  settle();
  seen.changes.clear();
  client.suspend();
  move(7);
  settle();
  EXPECT_EQ(seen.changes, Changes{"device/7"});
}

TEST_F(StoreSuspendTest, M62_WhatWasNotToldYetIsForgotten) {
  Seen seen;
  guest::WatchTable table;
  guest::WatchEntry entry{.path = "device/2", .function = Seen::note, .context = &seen};
  ASSERT_TRUE(table.add(entry));
  table.post("device/2", "device/2/old");
  table.move({2, 7});
  table.post("device/7", "device/7/new");
  for (int i = 0; i < 2; ++i) table.deliver_next();
  EXPECT_EQ(seen.changes, Changes{"device/7/new"});
}

TEST_F(StoreSuspendTest, M62_WhatWaitedIsSaidOfTheNewSlot) {
  int done = 0;
  client.suspend();
  start("write", [&] { done += vbstore::write("device/2/x", "1").has_value(); });
  start("transaction", [&] {
    vbstore::Transaction transaction;
    transaction.write("soo/me/2/a", "2").mkdir("device/2").write("backend/vtest/2/b", "3").remove("device/2/x");
    done += transaction.commit().has_value();
  });
  start("read", [&] { done += vbstore::read("soo/me/9/name").has_value(); });
  settle();
  arrive(11);
  agency_writes("soo/me/9/name", "another");
  ASSERT_TRUE(client.renew(slot, 11));
  settle();
  EXPECT_EQ(done, 3);
  EXPECT_FALSE(exists("device/11/x"));  // written, then removed
  EXPECT_EQ(value("soo/me/11/a") + value("backend/vtest/11/b"), "23");
  EXPECT_FALSE(exists("soo/me/2"));
}

// Also in the same slot of another smart object, whose server refuses what it has been told of already.
TEST_F(StoreSuspendTest, M62_AWatchThatWaitedIsThereOnce) {
  for (const std::uint32_t to : {7u, 2u}) {
    const auto own = "device/" + std::to_string(to);
    Seen seen;
    vbstore::Watch watch;
    bool started = false;
    client.suspend();
    start("watcher", [&] { started = watch.start("device/2", Seen::note, &seen).has_value(); });
    settle();
    EXPECT_FALSE(started);
    move(to);
    settle();
    EXPECT_TRUE(started) << "slot " << to;
    agency_writes(own + "/x", "1");
    settle();
    EXPECT_EQ(seen.changes, (Changes{own, own + "/x"}));
    watch.stop();
    agency_writes(own + "/x", "2");
    settle();
    EXPECT_EQ(seen.changes.size(), 2u);
    client.suspend();
    arrive(slot);
    ASSERT_TRUE(client.renew(to, slot));
  }
}

// What it asks is about MEs of the place where it asked: in the same slot there is somebody else elsewhere.
TEST_F(StoreSuspendTest, M62_AQuestionAboutTheOldPlaceIsNotAskedAtTheNewOne) {
  int asked = 0;
  agency_answers = [&](agency::Connection::Words words) {
    ++asked;
    return std::optional{words};
  };
  for (const std::uint32_t to : {7u, 2u}) {
    std::optional<vbstore::Result<hypercall::Payload>> answer;
    client.suspend();
    start("asks", [&] { answer = client.agency_ctl(0x13, {4}); });
    settle();
    EXPECT_FALSE(answer);
    move(to);
    settle();
    ASSERT_TRUE(answer);
    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error(), Error::unavailable);
    client.suspend();
    arrive(slot);
    ASSERT_TRUE(client.renew(to, slot));
  }
  EXPECT_EQ(asked, 0);
  std::optional<vbstore::Result<hypercall::Payload>> answer;
  client.suspend();
  start("asks", [&] { answer = client.agency_ctl(0x13, {4}); });
  settle();
  client.resume();
  settle();
  EXPECT_TRUE(answer && *answer) << "one that waits where it asked is asked";
  EXPECT_EQ(asked, 1);
}

// A message that was half there at the old place is not continued by the first bytes of the new one.
TEST_F(StoreSuspendTest, M62_HalfAnAnswerIsForgotten) {
  const abi::vbstore::Header half{.type = 9, .id = 0, .length = 200, .status = 0};
  abi::ByteRingWriter<abi::vbstore::ring_bytes> other{page.answers};
  other.reset();
  client.suspend();
  move(3);
  other.reset();
  other.write({reinterpret_cast<const std::uint8_t*>(&half), sizeof half});
  static_cast<void>(other.publish());
  deliver(abi::port_store);
  settle();
  client.suspend();
  arrive(4);
  ASSERT_TRUE(client.renew(3, 4));
  ASSERT_TRUE(vbstore::write("device/4/x", "1"));
  EXPECT_FALSE(client.broken());
}

TEST(MovedPath, OnlyTheOwnPartChanges) {
  const auto moved = [](std::string_view path) {
    const guest::MovedPath result{path, {2, 17}};
    const std::string_view text = result;
    return std::string{text};
  };
  EXPECT_EQ(moved("device/2"), "device/17");
  EXPECT_EQ(moved("device/2/vlogs/2/state"), "device/17/vlogs/2/state");
  EXPECT_EQ(moved("soo/me/2/name"), "soo/me/17/name");
  EXPECT_EQ(moved("backend/vlogs/2/0/state"), "backend/vlogs/17/0/state");
  for (const char* other : {"", "device", "device/", "device/20/x", "device/02", "device/3/2", "soo/me", "soo/2/name",
                            "backend/2", "backend/2/3/state", "backend/", "domain/2", "2/device"})
    EXPECT_EQ(moved(other), other);
  const auto longest = "device/2/" + std::string(abi::vbstore::path_max - 9, 'x');
  EXPECT_EQ(moved(longest), longest);  // would be too long: the store refuses it, as it is not the ME's own any more
  EXPECT_EQ(moved(longest.substr(1)), longest.substr(1));
}

}  // namespace
