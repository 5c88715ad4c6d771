#include "so3/kernel/heap.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace {

class HeapOf : public testing::Test {
 protected:
  static constexpr std::size_t bytes = 1 << 20;
  HeapOf() { heap.init(memory.get(), memory.get() + bytes); }

  std::unique_ptr<std::byte[]> memory{new std::byte[bytes]};
  kernel::Heap heap;
};

TEST_F(HeapOf, FreshHeapIsOneBlock) {
  EXPECT_TRUE(heap.consistent());
  EXPECT_EQ(heap.used(), 0u);
  EXPECT_EQ(heap.largest() + 8, heap.total());
}

// Against a model: no two blocks overlap, contents stay, all comes back.
TEST_F(HeapOf, RandomMixAgainstAModel) {
  std::mt19937 random{1};  // the same every time
  struct Expected {
    std::size_t size;
    unsigned char fill;
  };
  std::map<unsigned char*, Expected> model;
  const auto verify = [](const unsigned char* p, const Expected& e) {
    for (std::size_t i = 0; i < e.size; ++i) ASSERT_EQ(p[i], e.fill) << "byte " << i << " of " << e.size;
  };
  for (int step = 0; step < 40'000; ++step) {
    const auto dice = random() % 10;
    if (model.empty() || dice < 5) {
      const std::size_t size = random() % (random() % 8 == 0 ? 20'000 : 400);
      const std::size_t alignment = std::size_t{16} << (random() % 4 == 0 ? random() % 9 : 0);
      auto* const p = static_cast<unsigned char*>(heap.allocate_aligned(alignment, size));
      if (p == nullptr) continue;
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(p) % alignment, 0u);
      const auto after = model.upper_bound(p);
      if (after != model.end()) {
        ASSERT_LE(p + size, after->first);
      }
      if (after != model.begin()) {
        ASSERT_GE(p, std::prev(after)->first + std::prev(after)->second.size);
      }
      const auto fill = static_cast<unsigned char>(random());
      std::memset(p, fill, size);
      model[p] = {size, fill};
    } else {
      auto at = model.begin();
      std::advance(at, static_cast<long>(random() % model.size()));
      verify(at->first, at->second);
      if (dice == 9) {
        const std::size_t size = random() % 1000;
        const auto done = heap.resize_in_place(at->first, size);
        ASSERT_TRUE(done.has_value());
        if (*done) {
          verify(at->first, {std::min(size, at->second.size), at->second.fill});
          std::memset(at->first, at->second.fill, size);
          at->second.size = size;
        }
      } else {
        ASSERT_TRUE(heap.release(at->first).has_value());
        model.erase(at);
      }
    }
    if (step % 500 == 0) {
      ASSERT_TRUE(heap.consistent());
    }
  }
  for (const auto& [p, e] : model) ASSERT_TRUE(heap.release(p).has_value());
  EXPECT_TRUE(heap.consistent());
  EXPECT_EQ(heap.used(), 0u);
  EXPECT_EQ(heap.largest() + 8, heap.total());
}

TEST_F(HeapOf, ExhaustionAnswersNullAndRecovers) {
  std::vector<void*> blocks;
  while (void* const p = heap.allocate(1000)) blocks.push_back(p);
  EXPECT_GT(blocks.size(), 1000u);
  EXPECT_EQ(heap.allocate(1000), nullptr);
  EXPECT_TRUE(heap.consistent());
  for (void* p : blocks) ASSERT_TRUE(heap.release(p).has_value());
  EXPECT_NE(heap.allocate(bytes / 2), nullptr);
}

TEST_F(HeapOf, NeighboursMergeWhateverTheOrder) {
  void* p[3];
  for (const auto& order : {std::array{0, 1, 2}, {2, 1, 0}, {0, 2, 1}, {1, 0, 2}}) {
    for (void*& q : p) q = heap.allocate(5000);
    for (const int i : order) ASSERT_TRUE(heap.release(p[i]).has_value());
    EXPECT_EQ(heap.largest() + 8, heap.total());
    EXPECT_TRUE(heap.consistent());
  }
}

TEST_F(HeapOf, ImpossibleSizesAnswerNull) {
  EXPECT_EQ(heap.allocate(~std::size_t{0}), nullptr);
  EXPECT_EQ(heap.allocate(std::size_t{1} << 40), nullptr);
  EXPECT_EQ(heap.allocate(bytes), nullptr);
  EXPECT_EQ(heap.allocate_aligned(std::size_t{1} << 40, 1), nullptr);
}

TEST_F(HeapOf, SecondFreeIsFound) {
  void* const before = heap.allocate(100);
  void* const p = heap.allocate(100);
  ASSERT_TRUE(heap.release(p).has_value());
  EXPECT_EQ(heap.release(p).error(), kernel::HeapFault::freed_twice);
  ASSERT_TRUE(heap.release(before).has_value());
  EXPECT_EQ(heap.release(p).error(), kernel::HeapFault::freed_twice);  // also after it was merged
  EXPECT_TRUE(heap.consistent());
}

TEST_F(HeapOf, WhatIsNoBlockIsFound) {
  auto* const p = static_cast<std::byte*>(heap.allocate(100));
  std::memset(p, 0, 100);
  EXPECT_EQ(heap.release(p + 16).error(), kernel::HeapFault::not_a_block);
  EXPECT_EQ(heap.release(p + 1).error(), kernel::HeapFault::not_a_block);
}

TEST_F(HeapOf, OverrunIsFoundWhenTheBlockIsFreed) {
  auto* const p = static_cast<std::byte*>(heap.allocate(100));
  heap.allocate(100);
  std::memset(p, 0xff, kernel::Heap::usable_size(p) + 8);
  EXPECT_EQ(heap.release(p).error(), kernel::HeapFault::overrun);
}

TEST_F(HeapOf, MemoryNeverUsedIsNeverTouched) {
  std::memset(memory.get(), 0x77, bytes);
  heap = {};
  heap.init(memory.get(), memory.get() + bytes);
  heap.allocate(1000);
  std::size_t touched_pages = 0;
  for (std::size_t page = 0; page < bytes; page += 4096)
    for (std::size_t i = 0; i < 4096; ++i)
      if (memory[page + i] != std::byte{0x77}) {
        ++touched_pages;
        break;
      }
  EXPECT_LE(touched_pages, 2u);
}

}  // namespace
