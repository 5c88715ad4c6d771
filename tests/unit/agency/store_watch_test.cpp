#include "store_fixture.hpp"

namespace agency {
namespace {

using abi::Status;
using abi::vbstore::Type;
using Events = std::vector<std::string>;

TEST_F(StoreTest, WatchFiresAtOnceAndPerWriteAtAndBelow) {
  RecordingWatcher w{0};
  ASSERT_TRUE(store.watch(w, path("device/2")));
  EXPECT_EQ(w.events(), Events{"device/2 <- device/2"});

  ASSERT_TRUE(store.write(2, path("device/2/vlogs/0/state"), "1"));
  ASSERT_TRUE(store.write(2, path("soo/me/2/name"), "elsewhere"));
  EXPECT_EQ(w.events(), Events{"device/2 <- device/2/vlogs/0/state"});
  ASSERT_TRUE(store.write(2, path("device/2/vlogs/0/state"), "1"));
  EXPECT_EQ(w.events(), Events{"device/2 <- device/2/vlogs/0/state"}) << "per write, even of the same value";
  EXPECT_EQ(w.notified, 3);
}

TEST_F(StoreTest, WatchSeesRemovalFromAboveAndCreationAfter) {
  RecordingWatcher w{3};
  ASSERT_TRUE(store.write(2, path("device/2/vlogs/0/state"), "4"));
  ASSERT_TRUE(store.watch(w, path("device/2/vlogs/0/state")));
  w.events();
  store.remove_domain(2);
  EXPECT_EQ(w.events(), Events{"device/2/vlogs/0/state <- device/2/vlogs/0/state"});
  ASSERT_TRUE(store.write(2, path("device/2/vlogs/0/state"), "1"));
  EXPECT_EQ(w.events(), Events{"device/2/vlogs/0/state <- device/2/vlogs/0/state"});
  store.forget(w);
}

TEST_F(StoreTest, UnwatchAndForgetLeaveNothingPending) {
  RecordingWatcher w{2};
  ASSERT_TRUE(store.watch(w, path("not/there/yet")));
  EXPECT_EQ(store.watch(w, path("not/there/yet")), std::unexpected{Status::bad_state});
  EXPECT_FALSE(store.exists(path("not")));
  ASSERT_TRUE(store.unwatch(w, path("not/there/yet")));
  EXPECT_EQ(w.events(), Events{});
  EXPECT_EQ(store.unwatch(w, path("not/there/yet")), std::unexpected{Status::not_found});
  ASSERT_TRUE(store.watch(w, path("device")));
  store.forget(w);
  ASSERT_TRUE(store.write(2, path("device/2"), ""));
  EXPECT_FALSE(w.has_events());
}

TEST_F(StoreTest, ShareOfWatches) {
  RecordingWatcher w{2, 2};
  ASSERT_TRUE(store.watch(w, path("a")));
  ASSERT_TRUE(store.watch(w, path("b")));
  EXPECT_EQ(store.watch(w, path("c")), std::unexpected{Status::no_memory});
  store.forget(w);
}

TEST_F(StoreTest, FailedTransactionFiresNothing) {
  RecordingWatcher w{0};
  ASSERT_TRUE(store.watch(w, path("device")));
  w.events();
  const Store::Change changes[] = {{Type::write, path("device/2/a"), "1"}, {Type::rm, path("device/2/none"), {}}};
  EXPECT_FALSE(store.transaction(2, changes));
  EXPECT_FALSE(w.has_events());
  store.forget(w);
}

// A flood of changes by one domain costs another detail, never an event, never memory without bound.
TEST_F(StoreTest, FloodCollapsesToTheWatchItself) {
  RecordingWatcher w{3};
  ASSERT_TRUE(store.watch(w, path("device")));
  w.events();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(store.write(2, path("device/2/k" + std::to_string(i)), ""));
  EXPECT_EQ(w.events(), Events{"device <- device"});
  ASSERT_TRUE(store.write(2, path("device/2/k1"), "later"));
  EXPECT_EQ(w.events(), Events{"device <- device/2/k1"});
  store.forget(w);
}

}  // namespace
}  // namespace agency
