// Decision 6: the peer's page is mapped into the target only while cb_cooperate runs there.
#include <gtest/gtest.h>

#include "so3/arch/physical.hpp"
#include "tests/unit/avz/fake_machine.hpp"

namespace {

using abi::page_size;
using abi::Status;
namespace calls = avz::calls;

class Lend : public testing::Test {
 protected:
  Status lend(std::uint64_t owner, std::uint64_t ipa, std::uint64_t borrower) {
    return machine.call(calls::page_lend, agency, {owner, ipa, borrower}).status();
  }
  avz::Stage2Entry seen(const avz::Domain& d) { return d.memory.find(abi::lent_page_ipa); }

  fake::Machine machine;
  avz::Domain& agency = machine.agency();
  avz::Domain& a = machine.create_started();
  avz::Domain& b = machine.create_started();
  avz::Domain& c = machine.create_started();
  static constexpr std::uint64_t page = abi::ram_ipa + 7 * page_size;
};

TEST_F(Lend, IsTheOwnersPageAsDataUntilItIsReturned) {
  const auto r = machine.call(calls::page_lend, agency, {a.slot, page, b.slot});
  ASSERT_EQ(r.status(), Status::ok);
  EXPECT_EQ(r.x[1], abi::lent_page_ipa);
  EXPECT_EQ(seen(b).address(), a.memory.find(page).address());
  EXPECT_TRUE(seen(b).writable());
  EXPECT_FALSE(seen(b).executable());
  EXPECT_EQ(machine.call(calls::page_return, agency, {b.slot}).status(), Status::ok);
  EXPECT_FALSE(seen(b).valid());
  EXPECT_EQ(machine.call(calls::page_return, agency, {b.slot}).status(), Status::not_found);
  EXPECT_EQ(lend(a.slot, page, b.slot), Status::ok);
}

TEST_F(Lend, OneAtATimeForABorrowerAndManyOfAnOwner) {
  EXPECT_EQ(lend(a.slot, page, b.slot), Status::ok);
  EXPECT_EQ(lend(c.slot, page, b.slot), Status::busy);
  EXPECT_EQ(lend(a.slot, page, c.slot), Status::ok);
  EXPECT_EQ(lend(b.slot, page, a.slot), Status::ok);
}

TEST_F(Lend, RefusesWhatMakesNoSense) {
  EXPECT_EQ(lend(a.slot, page, a.slot), Status::bad_argument);
  EXPECT_EQ(lend(a.slot, page, 0), Status::bad_argument);
  EXPECT_EQ(lend(0, page, a.slot), Status::bad_argument);
  EXPECT_EQ(lend(a.slot, page, 9), Status::not_found);
  EXPECT_EQ(lend(9, page, a.slot), Status::not_found);
  for (const std::uint64_t ipa : {page + 8, abi::ram_ipa + a.ram_bytes, abi::shared_page_ipa, std::uint64_t{0}})
    EXPECT_EQ(lend(a.slot, ipa, b.slot), Status::bad_argument);
  machine.call(calls::crash, a, {1, 0, 0});
  EXPECT_EQ(lend(a.slot, page, b.slot), Status::bad_state);
  EXPECT_EQ(lend(b.slot, page, a.slot), Status::bad_state);
}

// No grant gets into its place, and it gets into none of theirs.
TEST_F(Lend, ThePlaceIsNotForGrants) {
  const auto granted = machine.call(calls::grant_access, a, {b.slot, page, 0});
  EXPECT_EQ(machine.call(calls::grant_map, b, {a.slot, granted.x[1], abi::lent_page_ipa, 0}).status(),
            Status::bad_argument);
  EXPECT_EQ(machine.call(calls::grant_map, b, {a.slot, granted.x[1], abi::lent_page_ipa - page_size, 0}).status(),
            Status::ok);
  ASSERT_EQ(lend(a.slot, page, b.slot), Status::ok);
  EXPECT_EQ(machine.call(calls::grant_unmap, b, {abi::lent_page_ipa}).status(), Status::not_found);
  EXPECT_TRUE(seen(b).valid());
}

TEST_F(Lend, EndsWithTheOwnerAndWithTheBorrower) {
  const auto free = machine.free_pages();
  avz::Domain& owner = machine.create_started();
  ASSERT_EQ(lend(owner.slot, page, b.slot), Status::ok);
  ASSERT_EQ(lend(owner.slot, page, c.slot), Status::ok);
  machine.destroy(owner);
  EXPECT_FALSE(seen(b).valid());
  EXPECT_FALSE(seen(c).valid());
  EXPECT_EQ(machine.free_pages(), free);
  avz::Domain& borrower = machine.create_started();
  ASSERT_EQ(lend(borrower.slot, page, b.slot), Status::ok);
  ASSERT_EQ(lend(b.slot, page, borrower.slot), Status::ok);
  EXPECT_EQ(b.lent_pages, 1u);
  machine.destroy(borrower);
  EXPECT_EQ(b.lent_pages, 0u);
  EXPECT_FALSE(seen(b).valid());
  EXPECT_EQ(machine.free_pages(), free - 2) << "b touched a page, which took a table";
}

}  // namespace
