#include "so3/guest/granted_page.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "tests/unit/guest/world.hpp"

namespace {

using guest::GrantedPage;

struct GrantTest : World {};

TEST_F(GrantTest, PageIsAlignedAndEmpty) {
  auto page = GrantedPage::allocate(0, abi::GrantFlags::read_only);
  ASSERT_TRUE(page);
  const auto& bytes = page->as<std::array<unsigned char, abi::page_size>>();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&bytes) % abi::page_size, 0u);
  EXPECT_TRUE(std::ranges::all_of(bytes, [](auto b) { return b == 0; }));
  const auto log = avz.log();
  EXPECT_EQ(log.back().arguments[2], reinterpret_cast<std::uintptr_t>(&bytes));
  EXPECT_EQ(log.back().arguments[3], 1u);
}

TEST_F(GrantTest, EndsWithItsScope) {
  {
    const auto page = GrantedPage::allocate(0, abi::GrantFlags::none);
  }
  EXPECT_EQ(avz.count(abi::Call::grant_end), 1u);
}

TEST_F(GrantTest, RefusedGrantIsAnErrorAndNothingIsKept) {
  avz.answer(abi::Call::grant_access, abi::Status::no_memory);
  EXPECT_EQ(GrantedPage::allocate(0, abi::GrantFlags::none).error(), abi::Status::no_memory);
  EXPECT_EQ(avz.count(abi::Call::grant_end), 0u);
}

// X14: a grant that cannot be ended must not become somebody else's memory.
TEST_F(GrantTest, PageThatIsStillMappedIsNotReused) {
  avz.answer(abi::Call::grant_end, abi::Status::busy);
  auto page = GrantedPage::allocate(0, abi::GrantFlags::none);
  ASSERT_TRUE(page);
  void* const address = &page->as<char>();
  EXPECT_FALSE(page->release());
  EXPECT_NE(console().find("still maps"), std::string::npos);
  free(address);  // still ours: AddressSanitizer would know a second free
}

TEST_F(GrantTest, RenewalKeepsThePage) {
  auto page = GrantedPage::allocate(0, abi::GrantFlags::none);
  ASSERT_TRUE(page);
  const void* const address = &page->as<char>();
  const auto reference = page->reference();
  ASSERT_TRUE(page->renew());
  EXPECT_EQ(&page->as<char>(), address);
  EXPECT_NE(page->reference(), reference);
}

}  // namespace
