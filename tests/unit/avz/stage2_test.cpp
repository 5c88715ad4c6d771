#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

#include "so3/arch/physical.hpp"
#include "so3/arch/stage2.hpp"
#include "so3/avz/address_space.hpp"

namespace {

using abi::Status;
using avz::Access;
using avz::Stage2Entry;

constexpr std::uint64_t base = 0x4000'0000, page = abi::page_size, block = avz::block_size;

class Stage2Test : public testing::Test {
 protected:
  Stage2Test() : memory_(300 * page + page) {
    const auto at = (reinterpret_cast<std::uintptr_t>(memory_.data()) + page - 1) / page * page;
    arch::host_memory = {reinterpret_cast<std::uint8_t*>(at), base, 300 * page};
    const avz::PhysRange unused[] = {{base, 300 * page}};
    EXPECT_TRUE(pages_.init({base, 300 * page}, unused));
    EXPECT_TRUE(reservation_.make(pages_, 200));
  }
  ~Stage2Test() override { arch::host_tlb = {}; }

  std::vector<std::uint8_t> memory_;
  avz::Pages pages_;
  avz::Vmids vmids_;
  avz::Reservation reservation_;
};

// Arm ARM D8.3.2, "VMSAv8-64 Block and Page descriptor formats", stage 2.
TEST_F(Stage2Test, DescriptorsAreAsTheArchitectureHasThem) {
  EXPECT_EQ(Stage2Entry::page(0x1234'5000, Access::ram).raw(), 0x0000'0000'1234'57ffu);
  EXPECT_EQ(Stage2Entry::page(0x1234'5000, Access::data).raw(), 0x0040'0000'1234'57ffu);
  EXPECT_EQ(Stage2Entry::page(0x1234'5000, Access::read_only).raw(), 0x0040'0000'1234'577fu);
  EXPECT_EQ(Stage2Entry::block(0x1220'0000, Access::ram).raw(), 0x0000'0000'1220'07fdu);
  EXPECT_EQ(Stage2Entry::page(0x0a00'0000, Access::device).raw(), 0x0040'0000'0a00'07c7u);
  EXPECT_EQ(Stage2Entry::table(0x4000'1000).raw(), 0x4000'1003u);
}

TEST_F(Stage2Test, FindsWhatWasMappedAndNothingElse) {
  avz::Stage2Tree tree;
  ASSERT_EQ(tree.init(reservation_), Status::ok);
  std::mt19937_64 random{1};
  std::map<std::uint64_t, std::uint64_t> expected;
  for (int i = 0; i < 60; i++) {
    const std::uint64_t ipa = abi::ram_ipa + random() % (3 * block) / page * page;
    const std::uint64_t pa = random() % (1 << 20) * page;
    EXPECT_EQ(tree.map_page(ipa, pa, Access::ram, reservation_), expected.contains(ipa) ? Status::busy : Status::ok);
    expected.emplace(ipa, pa);
  }
  for (std::uint64_t ipa = abi::ram_ipa - block; ipa < abi::ram_ipa + 4 * block; ipa += page) {
    const auto it = expected.find(ipa);
    const Stage2Entry e = tree.find(ipa + 5);
    ASSERT_EQ(e.valid(), it != expected.end());
    if (e.valid()) {
      EXPECT_EQ(e.address(), it->second);
    }
  }
  std::uint64_t leaves = 0;
  tree.destroy(pages_, [&](auto&, Stage2Entry) { leaves++; });
  EXPECT_EQ(leaves, expected.size());
  reservation_.end();
  EXPECT_EQ(pages_.count().free, pages_.count().all - 1);
}

// X11: no IPA, however large, reaches beyond the tables.
TEST_F(Stage2Test, AnyIpaMayBeAskedFor) {
  avz::Stage2Tree tree;
  ASSERT_EQ(tree.init(reservation_), Status::ok);
  ASSERT_EQ(tree.map_page(0, base, Access::ram, reservation_), Status::ok);
  for (const std::uint64_t ipa :
       {std::uint64_t{1} << 39, std::uint64_t{1} << 48, ~std::uint64_t{0}, ~std::uint64_t{0} << 39}) {
    EXPECT_FALSE(tree.find(ipa).valid());
    EXPECT_FALSE(tree.unmap_page(ipa).valid());
    EXPECT_EQ(tree.map_page(ipa & ~(page - 1), base, Access::ram, reservation_), Status::bad_argument);
  }
  EXPECT_EQ(tree.map_page(page + 1, base, Access::ram, reservation_), Status::bad_argument);
  EXPECT_EQ(tree.map_range((1ull << 39) - page, {base, 2 * page}, Access::ram, reservation_), Status::bad_argument);
  EXPECT_EQ(tree.map_range(~std::uint64_t{0}, {base, page}, Access::ram, reservation_), Status::bad_argument);
}

TEST_F(Stage2Test, NeverReplacesAValidEntry) {
  avz::Stage2Tree tree;
  ASSERT_EQ(tree.init(reservation_), Status::ok);
  ASSERT_EQ(tree.map_range(4 * block, {8 * block, block}, Access::data, reservation_), Status::ok);
  EXPECT_EQ(tree.map_page(4 * block + page, base, Access::ram, reservation_), Status::busy);
  ASSERT_EQ(tree.map_page(5 * block, base, Access::ram, reservation_), Status::ok);
  EXPECT_EQ(tree.map_range(5 * block, {8 * block, block}, Access::data, reservation_), Status::busy);
  EXPECT_EQ(tree.map_page(5 * block, base + page, Access::ram, reservation_), Status::busy);
  EXPECT_EQ(tree.find(5 * block).address(), base);
}

TEST_F(Stage2Test, RangesUseBlocksWhereBothAddressesAllow) {
  avz::Stage2Tree tree;
  ASSERT_EQ(tree.init(reservation_), Status::ok);
  const auto before = reservation_.drawn();
  ASSERT_EQ(tree.map_range(4 * block, {8 * block, 16 * block}, Access::ram, reservation_), Status::ok);
  EXPECT_EQ(reservation_.drawn() - before, 1u) << "one level-2 table";
  ASSERT_EQ(tree.map_range(32 * block, {64 * block + page, block + page}, Access::ram, reservation_), Status::ok);
  EXPECT_EQ(reservation_.drawn() - before, 3u) << "and two of level 3";
  for (std::uint64_t at = 0; at < 16 * block; at += 5 * page)
    ASSERT_EQ(tree.find(4 * block + at + 8).address(), 8 * block + at);
  for (std::uint64_t at = 0; at < block + page; at += page)
    ASSERT_EQ(tree.find(32 * block + at).address(), 64 * block + page + at);
  EXPECT_FALSE(tree.unmap_page(4 * block).valid()) << "a block is for good";
}

TEST_F(Stage2Test, TablesForARangeAreEnough) {
  for (const std::uint64_t start :
       {abi::ram_ipa, abi::domain_base, abi::ram_ipa + 511 * page, (std::uint64_t{1} << 30) - page}) {
    for (const std::uint64_t size : {page, 2 * page, block, block + page, 3 * block - page}) {
      avz::Pages& pages = pages_;
      avz::Reservation own;
      ASSERT_TRUE(own.make(pages, 1 + avz::Stage2Tree::tables_for(start, size)));
      avz::Stage2Tree tree;
      ASSERT_EQ(tree.init(own), Status::ok);
      for (std::uint64_t at = 0; at < size; at += page)
        ASSERT_EQ(tree.map_page(start + at, base, Access::ram, own), Status::ok);
      tree.destroy(pages, [](auto&, Stage2Entry) {});
      own.end();
    }
  }
}

// A table that cannot be had leaves what is mapped as it was, at every point where it can happen.
TEST_F(Stage2Test, RunningOutOfTablesLeavesTheTreeIntact) {
  for (std::uint64_t n = 0; n < 4; n++) {
    avz::Reservation own;
    ASSERT_TRUE(own.make(pages_, n));
    const auto before = pages_.count().free;
    avz::Stage2Tree tree;
    Status status = tree.init(own);
    if (status == Status::ok) status = tree.map_page(abi::ram_ipa, base, Access::ram, own);
    EXPECT_EQ(status, n < 3 ? Status::no_memory : Status::ok) << n;
    EXPECT_EQ(tree.find(abi::ram_ipa).valid(), n >= 3);
    tree.destroy(pages_, [](auto&, Stage2Entry) {});
    own.end();
    EXPECT_EQ(pages_.count().free, before);
  }
}

TEST_F(Stage2Test, UnmapInvalidatesBeforeItReturns) {
  avz::AddressSpace space;
  ASSERT_EQ(space.init(vmids_, reservation_), Status::ok);
  const auto p = *reservation_.draw();
  ASSERT_EQ(space.map(abi::grant_window_ipa, p, Access::data, reservation_), Status::ok);
  int flushes = 0;
  arch::host_tlb.on_flush_page = [&](std::uint64_t vttbr, std::uint64_t ipa) {
    flushes++;
    EXPECT_EQ(vttbr, space.vttbr());
    EXPECT_EQ(ipa, abi::grant_window_ipa);
    EXPECT_FALSE(space.find(ipa).valid()) << "the entry goes first";
  };
  EXPECT_EQ(space.unmap(abi::grant_window_ipa).address(), p);
  EXPECT_EQ(flushes, 1);
  EXPECT_FALSE(space.unmap(abi::grant_window_ipa).valid());
  EXPECT_EQ(flushes, 1);
}

TEST_F(Stage2Test, DestroyInvalidatesBeforePagesAreFree) {
  avz::AddressSpace space;
  ASSERT_EQ(space.init(vmids_, reservation_), Status::ok);
  const auto p = *reservation_.draw();
  ASSERT_EQ(space.map(abi::ram_ipa, p, Access::ram, reservation_), Status::ok);
  const auto before = pages_.count().free;
  int flushes = 0;
  arch::host_tlb.on_flush_all = [&](std::uint64_t) {
    flushes++;
    EXPECT_EQ(pages_.count().free, before);
  };
  space.destroy(vmids_, pages_);
  EXPECT_EQ(flushes, 1);
  reservation_.end();
  EXPECT_EQ(pages_.count().unpromised(), pages_.count().all - 1);
}

TEST_F(Stage2Test, VmidsAreUniqueAndZeroIsNobodys) {
  std::set<avz::Vmid> seen;
  while (const auto v = vmids_.take()) EXPECT_TRUE(seen.insert(*v).second);
  EXPECT_EQ(seen.size(), 255u - avz::Vmids::kept_for_snapshots);
  for (std::uint32_t i = 0; i < avz::Vmids::kept_for_snapshots; i++)
    EXPECT_TRUE(seen.insert(vmids_.take_for_snapshot().value()).second);
  EXPECT_FALSE(vmids_.take_for_snapshot());
  EXPECT_FALSE(seen.contains(0));
  vmids_.give_back(17);
  EXPECT_FALSE(vmids_.take()) << "it is kept";
  EXPECT_EQ(vmids_.take_for_snapshot(), 17);
}

}  // namespace
