#include "so3/kernel/small_blocks.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace {

class SmallBlocksOf : public testing::Test {
 protected:
  static constexpr std::size_t bytes = 1 << 18;
  SmallBlocksOf() { heap.init(memory.get(), memory.get() + bytes); }

  // As malloc and free do it.
  void* get(std::size_t size) {
    void* const p = small.take(size);
    return p != nullptr ? p : heap.allocate(size);
  }
  void put(void* p) {
    if (!small.keep(p)) {
      EXPECT_TRUE(heap.release(p).has_value());
    }
  }

  std::unique_ptr<std::byte[]> memory{new std::byte[bytes]};
  kernel::Heap heap;
  kernel::SmallBlocks small;
};

TEST_F(SmallBlocksOf, TheNextRequestOfThatSizeGetsTheSameBlock) {
  void* const p = get(128);
  put(p);
  EXPECT_EQ(small.take(64), nullptr);
  EXPECT_EQ(small.take(128), p);
  EXPECT_EQ(small.take(128), nullptr);
}

TEST_F(SmallBlocksOf, EverySizeComesBackLargeEnough) {
  for (std::size_t size = 0; size <= 600; ++size) {
    void* const p = get(size);
    put(p);
    void* const again = get(size);
    ASSERT_GE(kernel::Heap::usable_size(again), size);
    ASSERT_TRUE(kernel::Heap::Block::in_use(again));
    put(again);
  }
  EXPECT_TRUE(heap.consistent());
}

TEST_F(SmallBlocksOf, AFewOfEachSizeAreKept) {
  std::vector<void*> blocks;
  for (int i = 0; i < 20; ++i) blocks.push_back(get(100));
  int kept = 0;
  for (void* p : blocks) {
    if (small.keep(p)) ++kept;
    else ASSERT_TRUE(heap.release(p).has_value());
  }
  EXPECT_EQ(kept, 8);
}

TEST_F(SmallBlocksOf, SecondFreeIsFound) {
  void* const p = get(100);
  ASSERT_TRUE(small.keep(p));
  EXPECT_FALSE(small.keep(p));
  EXPECT_EQ(heap.release(p).error(), kernel::HeapFault::freed_twice);
}

TEST_F(SmallBlocksOf, OverrunAndForeignPointersGoToTheHeapsReport) {
  auto* const p = static_cast<std::byte*>(get(100));
  get(100);
  EXPECT_FALSE(small.keep(p + 1));
  EXPECT_FALSE(small.keep(p + 16));
  for (std::size_t i = 0; i < kernel::Heap::usable_size(p) + 8; ++i) p[i] = std::byte{0xff};
  EXPECT_FALSE(small.keep(p));
  EXPECT_EQ(heap.release(p).error(), kernel::HeapFault::overrun);
}

TEST_F(SmallBlocksOf, AllThatIsKeptComesBackToTheHeap) {
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < 200; ++i) blocks.push_back(get(i * 3));
  for (void* p : blocks) put(p);
  EXPECT_TRUE(heap.consistent());
  EXPECT_TRUE(small.give_back(heap));
  EXPECT_FALSE(small.give_back(heap));
  EXPECT_TRUE(heap.consistent());
  EXPECT_EQ(heap.used(), 0u);
  EXPECT_EQ(heap.largest() + 8, heap.total());
}

}  // namespace
