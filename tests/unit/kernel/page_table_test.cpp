#include "so3/arch/arm64/page_table.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace {

using arch::Access;
using arch::Attributes;
using arch::MapError;
using arch::MemoryType;
using arch::PageTable;

class Tables : public testing::Test {
 protected:
  Tables() { EXPECT_TRUE(table.create()); }
  ~Tables() override {
    for (void* p : pages) std::free(p);
  }
  static void* source(void* self) {
    auto& t = *static_cast<Tables*>(self);
    if (t.pages.size() == t.limit) return nullptr;
    t.pages.push_back(std::aligned_alloc(PageTable::page, PageTable::page));
    return t.pages.back();
  }
  std::optional<Access> access(std::uint64_t at) const {
    const auto a = table.lookup(at);
    return a ? std::optional{a->access} : std::nullopt;
  }

  std::vector<void*> pages;
  std::size_t limit = 100;
  PageTable table{&source, this};
  static constexpr std::uint64_t ram = 0x10'0020'0000;
};

TEST_F(Tables, NothingIsMappedAtFirst) {
  for (const std::uint64_t at : {std::uint64_t{0}, ram, PageTable::address_limit - 1, ~std::uint64_t{0}})
    EXPECT_EQ(access(at), std::nullopt);
}

// A domain as address_space.cpp maps it: W^X everywhere.
TEST_F(Tables, ImageOfADomain) {
  ASSERT_TRUE(table.map(ram, 0xa000, {Access::execute}));
  ASSERT_TRUE(table.map(ram + 0xa000, 0x5000, {Access::read}));
  ASSERT_TRUE(table.map(ram + 0xf000, 0x100'0000 - 0xf000, {Access::read_write}));
  ASSERT_TRUE(table.map(ram + 0x20000, PageTable::page, {Access::none}));
  EXPECT_EQ(access(ram + 0x9fff), Access::execute);
  EXPECT_EQ(access(ram + 0xa000), Access::read);
  EXPECT_EQ(access(ram + 0xefff), Access::read);
  EXPECT_EQ(access(ram + 0xf000), Access::read_write);
  EXPECT_EQ(access(ram + 0x1ffff), Access::read_write);
  EXPECT_EQ(access(ram + 0x20000), std::nullopt);  // the guard page
  EXPECT_EQ(access(ram + 0x20fff), std::nullopt);
  EXPECT_EQ(access(ram + 0x21000), Access::read_write);
  EXPECT_EQ(access(ram + 0xff'ffff), Access::read_write);
  EXPECT_EQ(access(ram + 0x100'0000), std::nullopt);
  EXPECT_EQ(access(ram - 1), std::nullopt);
  EXPECT_LE(pages.size(), 3u);  // root, one level 2, one level 3: blocks serve the rest
}

TEST_F(Tables, GuardPageSplitsABlockAndKeepsTheRest) {
  ASSERT_TRUE(table.map(ram, 4 * PageTable::block, {Access::read_write}));
  const auto before = pages.size();
  const std::uint64_t guard = ram + PageTable::block + 0x5000;
  ASSERT_TRUE(table.map(guard, PageTable::page, {Access::none}));
  EXPECT_EQ(pages.size(), before + 1);
  for (std::uint64_t at = ram; at < ram + 4 * PageTable::block; at += PageTable::page)
    ASSERT_EQ(access(at), at == guard ? std::nullopt : std::optional{Access::read_write}) << std::hex << at;
  ASSERT_TRUE(table.map(guard, PageTable::page, {Access::read_write}));
  EXPECT_EQ(access(guard), Access::read_write);
  EXPECT_EQ(pages.size(), before + 1);  // its table is used again
}

TEST_F(Tables, DevicesAreDeviceMemory) {
  ASSERT_TRUE(table.map(0x0900'0000, PageTable::page, {Access::read_write, MemoryType::device}));
  EXPECT_EQ(table.lookup(0x0900'0000), (Attributes{Access::read_write, MemoryType::device}));
  ASSERT_TRUE(table.map(0x4000'0000, PageTable::block, {Access::read_write, MemoryType::device}));
  EXPECT_EQ(table.lookup(0x401f'ffff), (Attributes{Access::read_write, MemoryType::device}));
}

TEST_F(Tables, RefusesWhatCannotBe) {
  EXPECT_EQ(table.map(ram + 1, PageTable::page, {Access::read}).error(), MapError::misaligned);
  EXPECT_EQ(table.map(ram, 1, {Access::read}).error(), MapError::misaligned);
  EXPECT_EQ(table.map(PageTable::address_limit, PageTable::page, {Access::read}).error(), MapError::out_of_range);
  EXPECT_EQ(table.map(0, ~std::uint64_t{0xfff}, {Access::read}).error(), MapError::out_of_range);
  EXPECT_TRUE(table.map(ram, 0, {Access::read}));
}

TEST_F(Tables, OutOfMemoryIsAnAnswer) {
  limit = pages.size();
  EXPECT_EQ(table.map(ram, PageTable::page, {Access::read}).error(), MapError::no_memory);
  EXPECT_EQ(access(ram), std::nullopt);
}

TEST_F(Tables, NoDescriptorIsWritableAndExecutable) {
  ASSERT_TRUE(table.map(ram, PageTable::page, {Access::execute}));
  ASSERT_TRUE(table.map(ram + PageTable::page, PageTable::page, {Access::read_write}));
  ASSERT_TRUE(table.map(ram + PageTable::block, PageTable::block, {Access::execute}));
  constexpr std::uint64_t read_only = 1 << 7, pxn = std::uint64_t{1} << 53, uxn = std::uint64_t{1} << 54;
  for (const void* p : pages)
    for (unsigned i = 0; i < 512; ++i) {
      const std::uint64_t d = static_cast<const std::uint64_t*>(p)[i];
      const bool leaf = (d & 1) != 0 && (d & 1 << 10) != 0;  // the access flag is in leaves only
      if (!leaf) continue;
      EXPECT_TRUE((d & read_only) != 0 || (d & pxn) != 0);
      EXPECT_NE(d & uxn, 0u);
    }
}

}  // namespace
