#include "so3/avz/pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "so3/arch/physical.hpp"

namespace {

using avz::Pages;
using avz::PhysRange;
using avz::Reservation;

constexpr std::uint64_t base = 0x4000'0000, page = abi::page_size;

class PagesTest : public testing::Test {
 protected:
  PagesTest() : memory_(64 * page + page, 0xee) {
    const auto at = (reinterpret_cast<std::uintptr_t>(memory_.data()) + page - 1) / page * page;
    arch::host_memory = {reinterpret_cast<std::uint8_t*>(at), base, 64 * page};
    const PhysRange unused[] = {{base + 8 * page, 20 * page}, {base + 32 * page, 32 * page}};
    EXPECT_TRUE(pages_.init({base, 64 * page}, unused));
  }

  std::vector<std::uint8_t> memory_;
  Pages pages_;
};

TEST_F(PagesTest, FrameTableTakesItsPlaceFromUnusedMemory) { EXPECT_EQ(pages_.count().free, 51u); }

TEST_F(PagesTest, NoRoomForTheFrameTableIsAnError) {
  Pages pages;
  EXPECT_FALSE(pages.init({base, 64 * page}, {}));
}

TEST_F(PagesTest, HandsOutEveryUnusedPageOnceAndCleared) {
  Reservation r;
  ASSERT_TRUE(r.make(pages_, 51));
  std::set<avz::PhysAddr> seen;
  while (const auto p = r.draw()) {
    EXPECT_TRUE((*p >= base + 9 * page && *p < base + 28 * page) || (*p >= base + 32 * page && *p < base + 64 * page));
    EXPECT_TRUE(seen.insert(*p).second);
    const auto* bytes = arch::physical<std::uint8_t>(*p);
    EXPECT_TRUE(std::all_of(bytes, bytes + page, [](auto b) { return b == 0; }));
  }
  EXPECT_EQ(seen.size(), 51u);
  EXPECT_EQ(pages_.count().free, 0u);
}

TEST_F(PagesTest, ClearsAPageThatHadAnotherOwner) {
  Reservation r;
  ASSERT_TRUE(r.make(pages_, 2));
  const auto first = *r.draw();
  *arch::physical<std::uint64_t>(first) = 0x5ec7e7;
  pages_.release(first);
  const auto again = *r.draw();
  ASSERT_EQ(again, first);
  EXPECT_EQ(*arch::physical<std::uint64_t>(again), 0u);
}

// X12: what is promised exists, whatever the machine's size.
TEST_F(PagesTest, NeverPromisesMoreThanThereIs) {
  Reservation a, b, c;
  ASSERT_TRUE(a.make(pages_, 50));
  EXPECT_FALSE(b.make(pages_, 2));
  EXPECT_FALSE(b.make(pages_, ~std::uint64_t{0}));
  ASSERT_TRUE(c.make(pages_, 1));
  EXPECT_EQ(pages_.count().unpromised(), 0u);
  for (int i = 0; i < 50; i++) ASSERT_TRUE(a.draw());
  EXPECT_FALSE(a.draw());
  EXPECT_TRUE(c.draw());
}

TEST_F(PagesTest, EndOfAReservationGivesBackWhatWasNotDrawn) {
  Reservation a;
  ASSERT_TRUE(a.make(pages_, 51));
  const auto p = *a.draw();
  a.end();
  EXPECT_EQ(pages_.count().unpromised(), 50u);
  EXPECT_FALSE(a.draw());
  pages_.release(p);
  EXPECT_EQ(pages_.count().unpromised(), 51u);
}

TEST_F(PagesTest, PageLivesUntilTheLastHolderLetsGo) {
  Reservation r;
  ASSERT_TRUE(r.make(pages_, 1));
  const auto p = *r.draw();
  pages_.hold(p);
  pages_.release(p);
  EXPECT_EQ(pages_.count().free, 50u);
  pages_.release(p);
  EXPECT_EQ(pages_.count().free, 51u);
}

TEST_F(PagesTest, ContiguousMemoryIsAlignedAndForGood) {
  const auto p = pages_.take_contiguous(8 * page, 16 * page);
  ASSERT_TRUE(p);
  EXPECT_EQ(*p % (16 * page), 0u);
  EXPECT_EQ(pages_.count().free, 43u);
  pages_.hold(*p);
  pages_.release(*p);
  pages_.release(*p);
  EXPECT_EQ(pages_.count().free, 43u);
  EXPECT_FALSE(pages_.take_contiguous(64 * page, page));
  Reservation r;
  ASSERT_TRUE(r.make(pages_, 43));
  while (const auto q = r.draw()) EXPECT_TRUE(*q < *p || *q >= *p + 8 * page);
  EXPECT_EQ(r.drawn(), 43u);
}

TEST_F(PagesTest, FreeingTwiceStopsTheMachine) {
  Reservation r;
  ASSERT_TRUE(r.make(pages_, 1));
  const auto p = *r.draw();
  pages_.release(p);
  EXPECT_DEATH(pages_.release(p), "freed twice");
  EXPECT_DEATH(pages_.hold(p), "free page is held");
  EXPECT_DEATH(pages_.release(base + 64 * page), "outside of RAM");
}

}  // namespace
