#include <string>
#include <vector>

#include "so3/guest/include/so3/vbstore.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

struct WatchTest : StoreWorld {
  static void note(void* self, std::string_view changed) {
    static_cast<WatchTest*>(self)->changes.emplace_back(changed);
  }
  std::vector<std::string> take() {
    settle();
    return std::exchange(changes, {});
  }
  std::vector<std::string> changes;
};

using Paths = std::vector<std::string>;

TEST_F(WatchTest, FiresAtTheStartAndAfterEveryChange) {
  vbstore::Watch watch;
  ASSERT_TRUE(watch.start("device/2", note, this));
  EXPECT_EQ(take(), Paths{"device/2"});
  agency_writes("device/2/a/b", "1");
  EXPECT_EQ(take(), Paths{"device/2/a/b"});
  ASSERT_TRUE(vbstore::write("device/2/c", "1"));  // not only at the end of some transaction
  EXPECT_EQ(take(), Paths{"device/2/c"});
  agency_writes("soo/me/2/x", "1");
  EXPECT_EQ(take(), Paths{});
}

// The second watch on a path is as good as the first.
TEST_F(WatchTest, TwoOnOnePath) {
  vbstore::Watch first, second;
  ASSERT_TRUE(first.start("device/2", note, this));
  take();
  ASSERT_TRUE(second.start("device/2", note, this));
  EXPECT_EQ(take().size(), 1u);
  agency_writes("device/2/a", "1");
  EXPECT_EQ(take().size(), 2u);
  first.stop();
  agency_writes("device/2/a", "2");
  EXPECT_EQ(take().size(), 1u);
  second.stop();
  agency_writes("device/2/a", "3");
  EXPECT_EQ(take().size(), 0u);
}

TEST_F(WatchTest, FunctionMayCallTheStoreAndStopItself) {
  struct Once {
    vbstore::Watch watch;
    int calls = 0;
    std::string read;
  } once;
  ASSERT_TRUE(once.watch.start(
      "device/2/a",
      [](void* context, std::string_view path) {
        auto& self = *static_cast<Once*>(context);
        ++self.calls;
        const auto found = vbstore::read(path);
        if (!found) return;
        self.read = found->view();
        self.watch.stop();
      },
      &once));
  settle();
  agency_writes("device/2/a", "now");
  settle();
  agency_writes("device/2/a", "later");
  settle();
  EXPECT_EQ(once.calls, 2);
  EXPECT_EQ(once.read, "now");
}

TEST_F(WatchTest, StartTwiceIsRefused) {
  vbstore::Watch watch;
  ASSERT_TRUE(watch.start("device/2", note, this));
  EXPECT_EQ(watch.start("device/2", note, this).error(), vbstore::Error::invalid);
}

TEST_F(WatchTest, RefusedByTheServerLeavesNothing) {
  vbstore::Watch watch;
  EXPECT_EQ(watch.start("device//2", note, this).error(), vbstore::Error::invalid);
  EXPECT_TRUE(watch.start("device/2", note, this));
}

// More changes than anybody keeps: the function is called fewer times, but after the last change at least once.
TEST_F(WatchTest, OverflowIsToldAsOneChange) {
  guest::WatchTable table;
  std::vector<std::string> told;
  guest::WatchEntry entry{.path = "a"};
  entry.function = [](void* context, std::string_view changed) {
    static_cast<std::vector<std::string>*>(context)->emplace_back(changed);
  };
  entry.context = &told;
  ASSERT_TRUE(table.add(entry));
  constexpr std::size_t posts = guest::WatchTable::queue_max + 10;
  for (std::size_t i = 0; i < posts; ++i) table.post("a", "a/" + std::to_string(i));
  for (std::size_t i = 0; i < posts; ++i) table.deliver_next();
  EXPECT_EQ(told.size(), guest::WatchTable::queue_max + 1);
  EXPECT_EQ(told.back(), "a");
  EXPECT_TRUE(table.remove(entry));
}

TEST_F(WatchTest, RemovedEntryIsNotCalledForWhatIsQueued) {
  guest::WatchTable table;
  int calls = 0;
  guest::WatchEntry entry{.path = "a"};
  entry.function = [](void* context, std::string_view) { ++*static_cast<int*>(context); };
  entry.context = &calls;
  ASSERT_TRUE(table.add(entry));
  table.post("a", "a/b");
  ASSERT_TRUE(table.remove(entry));
  table.deliver_next();
  EXPECT_EQ(calls, 0);
}

}  // namespace
