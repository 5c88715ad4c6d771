#include "so3/avz/grants.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "so3/abi/vbstore.hpp"
#include "so3/arch/physical.hpp"
#include "so3/arch/stage2.hpp"
#include "tests/unit/avz/fake_machine.hpp"

namespace {

using abi::page_size;
using abi::Status;
namespace calls = avz::calls;

constexpr std::uint64_t read_write = 0, read_only = 1;
constexpr std::uint64_t agency_ipa = abi::agency_grant_window_ipa, me_ipa = abi::grant_window_ipa;

class Grants : public testing::Test {
 protected:
  std::uint64_t grant(avz::Domain& granter, avz::Domain& to, std::uint64_t ipa, std::uint64_t flags = read_write) {
    const auto r = machine.call(calls::grant_access, granter, {to.slot, ipa, flags});
    EXPECT_EQ(r.status(), Status::ok);
    return r.x[1];
  }
  Status map(avz::Domain& mapper, avz::Domain& granter, std::uint64_t reference, std::uint64_t ipa,
             std::uint64_t flags = read_write) {
    return machine.call(calls::grant_map, mapper, {granter.slot, reference, ipa, flags}).status();
  }
  Status unmap(avz::Domain& mapper, std::uint64_t ipa) {
    return machine.call(calls::grant_unmap, mapper, {ipa}).status();
  }
  Status end(avz::Domain& granter, std::uint64_t reference) {
    return machine.call(calls::grant_end, granter, {reference}).status();
  }
  std::uint64_t& word(avz::Domain& d, std::uint64_t ipa) {
    return *arch::physical<std::uint64_t>(d.memory.find(ipa).address());
  }

  fake::Machine machine;
  avz::Domain& agency = machine.agency();
  avz::Domain& me = machine.create_started();
  avz::Domain& other = machine.create_started();
};

TEST_F(Grants, BothSeeTheSamePage) {
  const auto ref = grant(me, agency, abi::ram_ipa + page_size);
  ASSERT_EQ(map(agency, me, ref, agency_ipa), Status::ok);
  word(me, abi::ram_ipa + page_size) = 0x1234;
  EXPECT_EQ(word(agency, agency_ipa), 0x1234u);
  EXPECT_EQ(unmap(agency, agency_ipa), Status::ok);
  EXPECT_FALSE(agency.memory.find(agency_ipa).valid());
  EXPECT_EQ(end(me, ref), Status::ok);
}

TEST_F(Grants, StorePageIsTheAgencysFromTheStart) {
  ASSERT_EQ(map(agency, me, abi::vbstore::store_page_grant, agency_ipa), Status::ok);
  EXPECT_EQ(agency.memory.find(agency_ipa).address(), me.memory.find(abi::store_page_ipa).address());
  EXPECT_EQ(map(other, me, abi::vbstore::store_page_grant, me_ipa), Status::not_found);
  EXPECT_EQ(end(me, abi::vbstore::store_page_grant), Status::denied);
  EXPECT_EQ(unmap(agency, agency_ipa), Status::ok);
  EXPECT_EQ(end(me, abi::vbstore::store_page_grant), Status::denied);
}

TEST_F(Grants, MappedPagesAreNeverExecutableAndReadOnlyIsHonoured) {
  const auto rw = grant(me, agency, abi::ram_ipa), ro = grant(me, agency, abi::ram_ipa, read_only);
  EXPECT_EQ(map(agency, me, ro, agency_ipa, read_write), Status::denied);
  ASSERT_EQ(map(agency, me, ro, agency_ipa, read_only), Status::ok);
  ASSERT_EQ(map(agency, me, rw, agency_ipa + page_size, read_only), Status::ok);
  ASSERT_EQ(map(agency, me, rw, agency_ipa + 2 * page_size, read_write), Status::ok);
  EXPECT_FALSE(agency.memory.find(agency_ipa).writable());
  EXPECT_FALSE(agency.memory.find(agency_ipa + page_size).writable());
  EXPECT_TRUE(agency.memory.find(agency_ipa + 2 * page_size).writable());
  for (int i = 0; i < 3; i++) EXPECT_FALSE(agency.memory.find(agency_ipa + i * page_size).executable());
  EXPECT_FALSE(avz::handle_stage2_fault(agency, agency_ipa, true, false));
  EXPECT_TRUE(avz::handle_stage2_fault(agency, agency_ipa, false, false));
}

// X14: a grant ends, and cannot end while it is mapped.
TEST_F(Grants, EndIsBusyWhileMapped) {
  const auto ref = grant(me, agency, abi::ram_ipa);
  ASSERT_EQ(map(agency, me, ref, agency_ipa), Status::ok);
  ASSERT_EQ(map(agency, me, ref, agency_ipa + page_size), Status::ok);
  EXPECT_EQ(end(me, ref), Status::busy);
  EXPECT_EQ(unmap(agency, agency_ipa), Status::ok);
  EXPECT_EQ(end(me, ref), Status::busy);
  EXPECT_EQ(unmap(agency, agency_ipa + page_size), Status::ok);
  EXPECT_EQ(end(me, ref), Status::ok);
  EXPECT_EQ(end(me, ref), Status::not_found);
  EXPECT_EQ(map(agency, me, ref, agency_ipa), Status::not_found);
}

TEST_F(Grants, TranslationIsGoneBeforeTheGrantCanEnd) {
  const auto ref = grant(me, agency, abi::ram_ipa);
  ASSERT_EQ(map(agency, me, ref, agency_ipa), Status::ok);
  bool flushed = false;
  arch::host_tlb.on_flush_page = [&](std::uint64_t vttbr, std::uint64_t ipa) {
    EXPECT_EQ(vttbr, agency.memory.vttbr());
    EXPECT_EQ(ipa, agency_ipa);
    EXPECT_EQ(me.grants.find(ref)->mappings, 1u);
    flushed = true;
  };
  EXPECT_EQ(unmap(agency, agency_ipa), Status::ok);
  EXPECT_TRUE(flushed);
}

TEST_F(Grants, OnlyThePeerMapsAndOnlyInItsWindow) {
  const auto ref = grant(me, other, abi::ram_ipa);
  EXPECT_EQ(map(agency, me, ref, agency_ipa), Status::not_found);
  for (const std::uint64_t ipa :
       {std::uint64_t{0}, abi::shared_page_ipa, abi::store_page_ipa, me_ipa - page_size, me_ipa + 1, abi::ram_ipa,
        agency_ipa, abi::host_window_ipa, ~std::uint64_t{0}, ~std::uint64_t{0} << 12})
    EXPECT_EQ(map(other, me, ref, ipa), Status::bad_argument) << std::hex << ipa;
  EXPECT_EQ(map(other, me, ref, abi::lent_page_ipa - page_size), Status::ok) << "the last page of the window";
  EXPECT_EQ(map(other, me, ref, abi::lent_page_ipa - page_size), Status::busy);
  EXPECT_EQ(map(other, other, ref, me_ipa), Status::bad_argument);
}

// X11: only what is its own RAM can be granted.
TEST_F(Grants, OnlyOwnRamIsGranted) {
  for (const std::uint64_t ipa :
       {std::uint64_t{0}, abi::shared_page_ipa, abi::store_page_ipa, me_ipa, abi::ram_ipa - page_size, abi::ram_ipa + 1,
        abi::ram_ipa + (1 << 20), ~std::uint64_t{0} << 12, std::uint64_t{0x4000'0000}})
    EXPECT_EQ(machine.call(calls::grant_access, me, {0, ipa, 0}).status(), Status::bad_argument) << std::hex << ipa;
  EXPECT_EQ(machine.call(calls::grant_access, me, {0, abi::ram_ipa, 2}).status(), Status::bad_argument);
  EXPECT_EQ(machine.call(calls::grant_access, me, {me.slot, abi::ram_ipa, 0}).status(), Status::bad_argument);
  EXPECT_EQ(machine.call(calls::grant_access, me, {100, abi::ram_ipa, 0}).status(), Status::not_found);
}

TEST_F(Grants, PageLivesOnWhenTheGranterDiesAndIsFreedWhenUnmapped) {
  const auto ref = grant(me, agency, abi::ram_ipa);
  ASSERT_EQ(map(agency, me, ref, agency_ipa), Status::ok);
  word(me, abi::ram_ipa) = 0xfeed;
  machine.destroy(me);
  EXPECT_EQ(word(agency, agency_ipa), 0xfeedu);
  const auto before = machine.free_pages();
  avz::Domain& successor = machine.create_started();
  EXPECT_NE(successor.memory.find(abi::shared_page_ipa).address(), agency.memory.find(agency_ipa).address());
  machine.destroy(successor);
  EXPECT_EQ(machine.free_pages(), before);
  EXPECT_EQ(unmap(agency, agency_ipa), Status::ok);
  EXPECT_EQ(machine.free_pages(), before + 1);
}

TEST_F(Grants, UnmapAfterTheSlotWasUsedAnewLeavesTheNewDomainAlone) {
  const auto ref = grant(me, agency, abi::ram_ipa);
  ASSERT_EQ(map(agency, me, ref, agency_ipa), Status::ok);
  machine.destroy(me);
  avz::Domain& successor = machine.create_started();
  const auto again = grant(successor, agency, abi::ram_ipa);
  ASSERT_EQ(again, ref);
  ASSERT_EQ(map(agency, successor, again, agency_ipa + page_size), Status::ok);
  EXPECT_EQ(unmap(agency, agency_ipa), Status::ok);
  EXPECT_EQ(end(successor, again), Status::busy);
}

TEST_F(Grants, NothingIsInheritedByTheNextDomainInAPeersSlot) {
  const auto ref = grant(me, other, abi::ram_ipa);
  machine.destroy(other);
  avz::Domain& successor = machine.create_started();
  EXPECT_EQ(map(successor, me, ref, me_ipa), Status::not_found);
  EXPECT_EQ(end(me, ref), Status::ok);
}

TEST_F(Grants, DeathOfTheMapperLetsTheGranterEnd) {
  const auto ref = grant(me, other, abi::ram_ipa);
  ASSERT_EQ(map(other, me, ref, me_ipa), Status::ok);
  machine.destroy(other);
  EXPECT_EQ(end(me, ref), Status::ok);
}

// X14: 33 is not a magic number. Every page of RAM can be granted at once, one more is an error, all can be reused.
TEST_F(Grants, AsManyAsRamHasPages) {
  std::vector<std::uint64_t> refs;
  for (std::uint64_t at = 0; at < me.ram_bytes - page_size; at += page_size)
    refs.push_back(grant(me, agency, abi::ram_ipa + at));
  EXPECT_EQ(machine.call(calls::grant_access, me, {0, abi::ram_ipa, 0}).status(), Status::no_memory)
      << "the store page has one";
  for (std::size_t i = 0; i < refs.size(); i++)
    ASSERT_EQ(map(agency, me, refs[i], agency_ipa + i * page_size), Status::ok);
  for (std::size_t i = 0; i < refs.size(); i++) {
    ASSERT_EQ(unmap(agency, agency_ipa + i * page_size), Status::ok);
    ASSERT_EQ(end(me, refs[i]), Status::ok);
  }
  for (std::uint64_t at = 0; at < me.ram_bytes - page_size; at += page_size) grant(me, agency, abi::ram_ipa + at);
}

TEST_F(Grants, AnyReferenceIsSafe) {
  for (const std::uint64_t ref : {std::uint64_t{1}, std::uint64_t{255}, std::uint64_t{256}, std::uint64_t{4096},
                                  std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    EXPECT_EQ(map(agency, me, ref, agency_ipa), Status::not_found);
    EXPECT_EQ(end(me, ref), Status::not_found);
  }
  EXPECT_EQ(unmap(agency, agency_ipa), Status::not_found);
}

// Random calls against a model; afterwards every page is accounted for.
TEST_F(Grants, RandomSequencesKeepTheBooks) {
  machine.destroy(other);
  machine.destroy(me);
  const auto pages_before = machine.free_pages();
  std::mt19937_64 random{7};
  for (int round = 0; round < 20; round++) {
    avz::Domain* mes[3] = {&machine.create_started(), &machine.create_started(), &machine.create_started()};
    std::map<std::pair<avz::Domain*, std::uint64_t>, int> mappings;
    struct Mapped {
      avz::Domain* granter;
      std::uint64_t ref;
    };
    std::map<std::pair<avz::Domain*, std::uint64_t>, Mapped> mapped;
    for (int step = 0; step < 300; step++) {
      avz::Domain& a = *mes[random() % 3];
      avz::Domain& b = *mes[random() % 3];
      if (&a == &b) continue;
      const std::uint64_t ipa = me_ipa + random() % 8 * page_size, ref = random() % 6;
      switch (random() % 4) {
        case 0: machine.call(calls::grant_access, a, {b.slot, abi::ram_ipa + random() % 16 * page_size, 0}); break;
        case 1: {
          const Status s = map(a, b, ref, ipa);
          if (mapped.contains({&a, ipa})) {
            EXPECT_EQ(s, Status::busy);
          }
          if (s == Status::ok) {
            mappings[{&b, ref}]++;
            mapped[{&a, ipa}] = {&b, ref};
          }
          break;
        }
        case 2: {
          const auto it = mapped.find({&a, ipa});
          EXPECT_EQ(unmap(a, ipa), it == mapped.end() ? Status::not_found : Status::ok);
          if (it == mapped.end()) break;
          mappings[{it->second.granter, it->second.ref}]--;
          mapped.erase(it);
          break;
        }
        case 3: {
          const Status s = end(a, ref);
          if (mappings[{&a, ref}] > 0) {
            EXPECT_EQ(s, Status::busy);
          }
          break;
        }
      }
    }
    for (avz::Domain* d : mes) machine.destroy(*d);
    ASSERT_EQ(machine.free_pages(), pages_before) << "round " << round;
  }
}

// Two MEs map each other's pages while both end what they can, on two CPUs: no deadlock, no page lost.
TEST_F(Grants, MapUnmapAndEndFromTwoSidesAtOnce) {
  const auto churn = [&](avz::Domain& self, avz::Domain& peer) {
    for (int i = 0; i < 2000; i++) {
      std::uint64_t g[8] = {0, peer.slot, abi::ram_ipa + static_cast<std::uint64_t>(i % 4) * page_size, 0};
      calls::grant_access(self.vcpu, g);
      for (std::uint64_t ref = 1; ref < 4; ref++) {
        std::uint64_t m[8] = {0, peer.slot, ref, me_ipa + ref * page_size, 0};
        calls::grant_map(self.vcpu, m);
      }
      for (std::uint64_t ref = 1; ref < 4; ref++) {
        std::uint64_t u[8] = {0, me_ipa + ref * page_size};
        calls::grant_unmap(self.vcpu, u);
        std::uint64_t e[8] = {0, ref};
        calls::grant_end(self.vcpu, e);
      }
    }
  };
  std::thread a{[&] { churn(me, other); }}, b{[&] { churn(other, me); }};
  a.join();
  b.join();
  for (avz::Domain* d : {&me, &other})
    for (std::uint64_t ref = 1; ref < 256; ref++)
      if (const avz::Grant* g = d->grants.find(ref); g != nullptr) {
        EXPECT_EQ(g->mappings, 0u);
      }
}

}  // namespace
