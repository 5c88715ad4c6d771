#include "so3/avz/snapshot.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "so3/abi/snapshot.hpp"
#include "so3/arch/counter.hpp"
#include "so3/arch/physical.hpp"
#include "so3/arch/stage2.hpp"
#include "so3/avz/frozen_context.hpp"
#include "tests/unit/avz/fake_machine.hpp"

namespace {

using abi::page_size;
using abi::Status;
namespace calls = avz::calls;
namespace format = abi::snapshot;

using Page = std::array<std::uint8_t, page_size>;
using Image = std::map<std::uint64_t, Page>;  // by IPA

constexpr std::uint64_t mb = 1 << 20;

// E29, E30: copy-on-write snapshots.
class Snapshots : public testing::Test {
 protected:
  Status run(avz::SlowCall call, avz::Domain& me) { return machine.call(call, agency, {me.slot}).status(); }
  Status prepare(avz::Domain& me) {
    Status status;
    do status = run(calls::snapshot_prepare, me);
    while (status == Status::busy);
    return status;
  }
  std::uint64_t freeze(avz::Domain& me) {
    EXPECT_EQ(prepare(me), Status::ok);
    const auto r = machine.call(calls::snapshot_freeze, agency, {me.slot});
    EXPECT_EQ(r.status(), Status::ok);
    return r.x[1];
  }
  Status end(avz::Domain& me) { return run(calls::snapshot_end, me); }

  // The ME stores a value, as its vCPU would: through the tree that is in force, with faults.
  // False: it waits until it is let go on.
  bool write(avz::Domain& me, std::uint64_t ipa, std::uint8_t value, avz::Toucher who = avz::Toucher::vcpu) {
    for (int tries = 0; tries < 3; tries++) {
      if (const auto page = writable_page(me, ipa)) {
        arch::physical<std::uint8_t>(page)[ipa % page_size] = value;
        return true;
      }
      EXPECT_TRUE(avz::handle_stage2_fault(me, ipa, true, false, who)) << std::hex << ipa;
      if (machine.stalled.contains(&me.vcpu)) return false;
    }
    ADD_FAILURE() << "the fault comes again and again";
    return false;
  }
  // A walk from the root in VTTBR, as hardware does it.
  static avz::PhysAddr writable_page(avz::Domain& me, std::uint64_t ipa) {
    std::uint64_t table = me.vcpu.vttbr & 0xffff'ffff'f000;
    for (unsigned level = 1;; level++) {
      const auto entry = arch::physical<avz::Stage2Entry>(table)[avz::table_index(ipa, level)];
      if (!entry.valid()) return 0;
      if (level == 3) return entry.writable() ? entry.address() : 0;
      table = entry.address();
    }
  }
  static Image image_of(avz::Domain& me) {
    Image image;
    for (std::uint64_t ipa = abi::ram_ipa; ipa < abi::ram_ipa + me.ram_bytes; ipa += page_size)
      if (const auto entry = me.memory.find(ipa); entry.valid())
        std::memcpy(image[ipa].data(), arch::physical<void>(entry.address()), page_size);
    return image;
  }
  // One call of snapshot_pages; each page once.
  std::uint64_t read_some(avz::Domain& me, Image& image, std::uint64_t room = 64) {
    const auto read = [&] { return machine.call(calls::snapshot_pages, agency, {me.slot, pages_at, ipas_at, room}); };
    auto r = read();
    for (; r.status() == Status::busy; r = read()) searches++;
    EXPECT_EQ(r.status(), Status::ok);
    for (std::uint64_t i = 0; i < r.x[1]; i++) {
      const auto ipa = in_agency<std::uint64_t>(ipas_at)[i];
      EXPECT_FALSE(image.contains(ipa)) << "twice: " << std::hex << ipa;
      std::memcpy(image[ipa].data(), in_agency<std::uint8_t>(pages_at) + i * page_size, page_size);
    }
    return r.x[1];
  }
  Image read_all(avz::Domain& me) {
    Image image;
    while (read_some(me, image) != 0) {
    }
    return image;
  }
  template <typename T>
  T* in_agency(std::uint64_t ipa) {
    return arch::physical<T>(agency.ram + (ipa - abi::ram_ipa));
  }
  template <typename T>
  std::vector<T> context(avz::Domain& me, format::Part part) {
    const auto r = machine.call(calls::snapshot_context, agency,
                                {me.slot, pages_at, 64 * page_size, static_cast<std::uint64_t>(part)});
    EXPECT_EQ(r.status(), Status::ok);
    EXPECT_EQ(r.x[1] % sizeof(T), 0u);
    const T* const first = in_agency<T>(pages_at);
    return {first, first + r.x[1] / sizeof(T)};
  }
  avz::Domain& me_with_pages(std::uint64_t pages, std::uint64_t ram = mb) {
    avz::Domain& me = machine.create_started(ram);
    for (std::uint64_t i = 0; i < pages; i++)
      EXPECT_TRUE(write(me, abi::ram_ipa + i * page_size + i % page_size, static_cast<std::uint8_t>(i + 1)));
    return me;
  }
  // What a grant of `ipa` shows to the agency.
  std::uint64_t map_to_agency(avz::Domain& me, std::uint64_t ipa, std::uint64_t window, bool read_only = false) {
    const auto granted = machine.call(calls::grant_access, me, {0, ipa, read_only});
    EXPECT_EQ(granted.status(), Status::ok);
    EXPECT_EQ(machine.call(calls::grant_map, agency, {me.slot, granted.x[1], window, read_only}).status(), Status::ok);
    return granted.x[1];
  }

  static constexpr std::uint64_t pages_at = abi::ram_ipa + mb, ipas_at = abi::ram_ipa;
  fake::Machine machine{64 << 20};
  avz::Domain& agency = machine.agency();
  int searches = 0;  // calls of snapshot_pages that have found no page yet
};

TEST_F(Snapshots, ImageIsExactlyTheFrozenOneWhateverIsWrittenMeanwhile) {
  avz::Domain& me = me_with_pages(200);
  const Image frozen = image_of(me);
  EXPECT_EQ(freeze(me), frozen.size());
  std::mt19937 random{7};
  Image image;
  std::uint64_t n;
  do {
    for (int i = 0; i < 5; i++)
      write(me, abi::ram_ipa + random() % (256 * page_size), static_cast<std::uint8_t>(random()));
    n = read_some(me, image, 7);
  } while (n != 0);
  EXPECT_EQ(image, frozen);
  EXPECT_NE(image_of(me), frozen);
  EXPECT_EQ(end(me), Status::ok);
}

// M52: memory never touched is not in it, and what is touched after the freeze is not either.
TEST_F(Snapshots, OnlyWhatWasTouchedBefore) {
  avz::Domain& me = me_with_pages(3);
  EXPECT_EQ(freeze(me), 3u);
  EXPECT_TRUE(write(me, abi::ram_ipa + 100 * page_size, 1));
  EXPECT_EQ(read_all(me).size(), 3u);
}

TEST_F(Snapshots, PagesTouchedWhileItIsPreparedAreInIt) {
  avz::Domain& me = me_with_pages(3, 24 * mb);
  for (std::uint64_t at = 0; at < 24 * mb; at += 2 * mb) ASSERT_TRUE(write(me, abi::ram_ipa + at, 9));
  ASSERT_EQ(run(calls::snapshot_prepare, me), Status::busy);
  EXPECT_TRUE(write(me, abi::ram_ipa + 5 * page_size, 5));        // built already
  EXPECT_TRUE(write(me, abi::ram_ipa + 23 * mb, 6));              // not yet
  ASSERT_EQ(run(calls::snapshot_prepare, me), Status::ok);
  EXPECT_TRUE(write(me, abi::ram_ipa + 7 * page_size, 7));        // between
  EXPECT_EQ(run(calls::snapshot_freeze, me), Status::ok);
  const Image frozen = image_of(me);
  EXPECT_EQ(frozen.size(), 2u + 12 + 3);
  EXPECT_EQ(read_all(me), frozen);
}

// The reserve is full: the writer waits, and every page that is taken lets it go on.
TEST_F(Snapshots, WriterWaitsForTheReaderWhenTheReserveIsFull) {
  avz::Domain& me = me_with_pages(200);
  const Image frozen = image_of(me);
  freeze(me);
  const auto reserve = avz::Snapshot::reserve_for(mb);
  for (std::uint64_t i = 0; i < reserve; i++) ASSERT_TRUE(write(me, abi::ram_ipa + i * page_size, 0xee));
  EXPECT_FALSE(write(me, abi::ram_ipa + reserve * page_size, 0xee));
  EXPECT_TRUE(machine.stalled.contains(&me.vcpu));
  Image image;
  EXPECT_EQ(read_some(me, image, 1), 1u);
  EXPECT_FALSE(machine.stalled.contains(&me.vcpu));
  EXPECT_TRUE(write(me, abi::ram_ipa + reserve * page_size, 0xee));
  EXPECT_FALSE(write(me, abi::ram_ipa + 150 * page_size, 0xee));
  while (read_some(me, image) != 0) {
  }
  EXPECT_EQ(image, frozen);
  EXPECT_TRUE(write(me, abi::ram_ipa + 151 * page_size, 0xee)) << "copied out: nothing to wait for";
}

TEST_F(Snapshots, EndLetsAWaitingWriterGoOn) {
  avz::Domain& me = me_with_pages(20);
  freeze(me);
  for (std::uint64_t i = 0; i <= avz::Snapshot::reserve_for(mb); i++) write(me, abi::ram_ipa + i * page_size, 1);
  ASSERT_TRUE(machine.stalled.contains(&me.vcpu));
  EXPECT_EQ(end(me), Status::ok);
  EXPECT_FALSE(machine.stalled.contains(&me.vcpu));
  EXPECT_TRUE(write(me, abi::ram_ipa + avz::Snapshot::reserve_for(mb) * page_size, 1));
}

// A domcall runs on the reader's CPU: it takes free memory rather than waiting, whatever the domain says is under way.
TEST_F(Snapshots, DomcallNeverWaits) {
  avz::Domain& me = me_with_pages(60);
  const Image frozen = image_of(me);
  const auto unpromised = machine.unpromised();
  freeze(me);
  for (std::uint64_t i = 0; i < 60; i++)
    ASSERT_TRUE(write(me, abi::ram_ipa + i * page_size, 0xdd, avz::Toucher::domcall));
  EXPECT_LT(machine.unpromised(), unpromised);
  EXPECT_EQ(read_all(me), frozen);
  EXPECT_EQ(machine.unpromised(), unpromised);
}

TEST_F(Snapshots, IsGivenUpWhenADomcallFindsNoMemoryAndTheMeGoesOn) {
  avz::Domain& me = me_with_pages(60);
  avz::Reservation everything;
  ASSERT_TRUE(everything.make(avz::ram_pages, machine.unpromised()));
  freeze(me);
  for (std::uint64_t i = 0; i < 60; i++)
    ASSERT_TRUE(write(me, abi::ram_ipa + i * page_size, 0xdd, avz::Toucher::domcall));
  EXPECT_EQ(machine.call(calls::snapshot_pages, agency, {me.slot, pages_at, ipas_at, 64}).status(), Status::no_memory);
  ASSERT_EQ(machine.console.size(), 1u);
  EXPECT_NE(machine.console[0].find("snapshot of domain 2 is given up"), std::string::npos);
  EXPECT_EQ(end(me), Status::ok);
  everything.end();
  const Image now = image_of(me);
  EXPECT_EQ(freeze(me), now.size());
  EXPECT_EQ(read_all(me), now);
}

// The agency's CPU is not kept by one that is large and has hardly been touched.
TEST_F(Snapshots, LookingForPagesIsBounded) {
  avz::Domain& me = machine.create_started(24 * mb);
  for (const std::uint64_t at : {0, 20, 22}) ASSERT_TRUE(write(me, abi::ram_ipa + at * mb, 9));
  for (std::uint64_t at = 0; at < 24; at += 2)
    ASSERT_TRUE(write(me, abi::ram_ipa + at * mb + page_size, 9)) << "tables for all of it";
  const Image frozen = image_of(me);
  ASSERT_EQ(freeze(me), 15u);
  for (std::uint64_t at = 0; at < 20; at += 2)
    ASSERT_TRUE(write(me, abi::ram_ipa + at * mb + page_size, 1, avz::Toucher::domcall));
  Image image;
  EXPECT_EQ(read_some(me, image, 11), 11u) << "what was saved, and the first";
  EXPECT_EQ(searches, 0);
  EXPECT_EQ(read_some(me, image, 64), 4u);
  EXPECT_EQ(searches, 1);
  EXPECT_EQ(image, frozen);
  EXPECT_EQ(read_some(me, image), 0u);
}

// What is invalidated, and when, from the first freeze of an ME to the end of its snapshot.
class SnapshotTlb : public Snapshots {
 protected:
  struct Step {
    enum What { flush_page, flush_all, renew } what;
    std::uint64_t vttbr, ipa = 0;
    bool operator==(const Step&) const = default;
  };
  SnapshotTlb() {
    arch::host_tlb.on_flush_page = [&](std::uint64_t vttbr, std::uint64_t ipa) {
      steps.push_back({Step::flush_page, vttbr, ipa});
    };
    arch::host_tlb.on_flush_all = [&](std::uint64_t vttbr) { steps.push_back({Step::flush_all, vttbr}); };
    machine.on_renew_vttbr = [&](avz::Vcpu& v) { steps.push_back({Step::renew, v.vttbr}); };
  }
  std::vector<Step> taken() { return std::exchange(steps, {}); }
  std::vector<Step> steps;
};

TEST_F(SnapshotTlb, NothingStaleIsUsedUnderEitherVmid) {
  avz::Domain& me = me_with_pages(30);
  const auto first = me.vcpu.vttbr;
  taken();
  ASSERT_EQ(prepare(me), Status::ok);
  const auto prepared = taken();
  ASSERT_EQ(run(calls::snapshot_freeze, me), Status::ok);
  const auto second = me.vcpu.vttbr;
  ASSERT_NE(first >> 48, second >> 48);
  EXPECT_EQ(prepared, (std::vector<Step>{{Step::flush_all, second}})) << "what the VMID's last owner left";
  EXPECT_EQ(taken(), std::vector<Step>{}) << "nothing that the pause would pay for";

  ASSERT_TRUE(write(me, abi::ram_ipa + 5 * page_size, 1));
  ASSERT_TRUE(write(me, abi::ram_ipa + 5 * page_size, 2));
  EXPECT_EQ(taken(), (std::vector<Step>{{Step::flush_page, second, abi::ram_ipa + 5 * page_size}}));

  std::uint64_t free_at_flush = 0;
  arch::host_tlb.on_flush_all = [&](std::uint64_t vttbr) {
    steps.push_back({Step::flush_all, vttbr});
    free_at_flush = machine.free_pages();
  };
  ASSERT_EQ(end(me), Status::ok);
  EXPECT_EQ(taken(), (std::vector<Step>{{Step::flush_all, first}, {Step::renew, second}, {Step::flush_all, second}}));
  EXPECT_EQ(me.vcpu.vttbr, first);
  EXPECT_GE(machine.free_pages(), free_at_flush + 3) << "the tables of the second come back when it is forgotten";
}

TEST_F(SnapshotTlb, OneThatIsNeverFrozenLeavesTheFirstVmidAlone) {
  avz::Domain& me = me_with_pages(3);
  ASSERT_EQ(prepare(me), Status::ok);
  const auto second = taken().back().vttbr;
  ASSERT_EQ(end(me), Status::ok);
  EXPECT_EQ(taken(), (std::vector<Step>{{Step::flush_all, second}}));
}

// 64 pages that a peer can write at any moment.
TEST_F(Snapshots, PagesThatOthersHaveMappedAreAsTheyWereAtTheFreeze) {
  avz::Domain& me = me_with_pages(100);
  for (std::uint64_t i = 0; i < 64; i++)
    map_to_agency(me, abi::ram_ipa + i * page_size, abi::agency_grant_window_ipa + i * page_size, i % 8 == 7);
  const Image frozen = image_of(me);
  freeze(me);
  for (std::uint64_t i = 0; i < 64; i++) {
    const auto entry = agency.memory.find(abi::agency_grant_window_ipa + i * page_size);
    ASSERT_EQ(entry.writable(), i % 8 != 7);
    if (entry.writable()) arch::physical<std::uint8_t>(entry.address())[17] = 0x99;
  }
  // Mapped only now.
  map_to_agency(me, abi::ram_ipa + 70 * page_size, abi::agency_grant_window_ipa + 70 * page_size);
  const auto late = agency.memory.find(abi::agency_grant_window_ipa + 70 * page_size);
  arch::physical<std::uint8_t>(late.address())[17] = 0x99;
  EXPECT_EQ(read_all(me), frozen);
  EXPECT_EQ(context<format::Grant>(me, format::Part::grants).size(), 65u) << "the store page, and as it was then";
}

TEST_F(Snapshots, GrantsAndChannelsAreThoseOfTheFreeze) {
  avz::Domain& me = me_with_pages(10);
  const auto reference = map_to_agency(me, abi::ram_ipa + 5 * page_size, abi::agency_grant_window_ipa);
  const auto port = machine.call(calls::event_alloc, me, {0}).x[1];
  freeze(me);
  machine.call(calls::event_bind, agency, {me.slot, port});
  machine.call(calls::grant_unmap, agency, {abi::agency_grant_window_ipa});
  const auto grants = context<format::Grant>(me, format::Part::grants);
  ASSERT_EQ(grants.size(), 2u);
  EXPECT_EQ(grants[0].ipa, 0u) << "the store page is no page of its RAM";
  EXPECT_EQ(grants[1].ipa, abi::ram_ipa + 5 * page_size);
  EXPECT_EQ(grants[1].reference, reference);
  EXPECT_EQ(grants[1].mappings, 1u);
  const auto events = context<format::Event>(me, format::Part::events);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].port, abi::port_control);
  EXPECT_EQ(events[0].kind, 1u);
  EXPECT_EQ(events[2].port, port);
  EXPECT_EQ(events[2].kind, 2u);
}

TEST_F(Snapshots, RegistersAndSharedPageAreThoseOfTheFreeze) {
  avz::Domain& me = me_with_pages(1);
  for (int i = 0; i < 31; i++) me.vcpu.x[i] = 100 + i;
  me.vcpu.pc = abi::ram_ipa + 0x40;
  me.vcpu.pstate = 5;
  me.vcpu.el1.ttbr0 = 0x1111;
  me.vcpu.el1.par = 0x2222;
  me.vcpu.fp.v[31][15] = 0x77;
  me.vcpu.fp.fpcr = 1 << 22;
  me.vcpu.domcall_registered = true;
  me.vcpu.domcall.entry = 0x3330;
  me.vcpu.domcall.start.sp_el1 = 0x4440;
  me.vcpu.cntvoff = 50;
  arch::host_counter = 1050;
  me.shared->pending[3] = 0x55;
  freeze(me);
  me.vcpu.x[0] = 0;
  me.shared->pending[3] = 0;
  const auto vcpu = context<format::Vcpu>(me, format::Part::vcpu);
  ASSERT_EQ(vcpu.size(), 1u);
  EXPECT_EQ(vcpu[0].x[0], 100u);
  EXPECT_EQ(vcpu[0].x[30], 130u);
  EXPECT_EQ(vcpu[0].pc, abi::ram_ipa + 0x40);
  EXPECT_EQ(vcpu[0].pstate, 5u);
  EXPECT_EQ(vcpu[0].el1.ttbr0, 0x1111u);
  EXPECT_EQ(vcpu[0].el1.par, 0x2222u);
  EXPECT_EQ(vcpu[0].v[31][15], 0x77u);
  EXPECT_EQ(vcpu[0].fpcr, 1u << 22);
  EXPECT_EQ(vcpu[0].domcall_entry, 0x3330u);
  EXPECT_EQ(vcpu[0].domcall_el1.sp_el1, 0x4440u);
  EXPECT_EQ(vcpu[0].counter, 1000u);
  EXPECT_EQ(vcpu[0].counter_hz, 62'500'000u);
  EXPECT_EQ(context<std::uint8_t>(me, format::Part::shared_page).size(), page_size);
  EXPECT_EQ(in_agency<abi::SharedPage>(pages_at)->pending[3], 0x55u);
  arch::host_counter = 0;
}

TEST_F(Snapshots, ContextSaysWhenThereIsNoRoom) {
  avz::Domain& me = me_with_pages(1);
  freeze(me);
  for (std::uint64_t part = 1; part <= 4; part++)
    EXPECT_EQ(machine.call(calls::snapshot_context, agency, {me.slot, pages_at, 8, part}).status(), Status::too_big);
  for (const std::uint64_t part : {0ull, 5ull, 1ull << 32 | 1})
    EXPECT_EQ(machine.call(calls::snapshot_context, agency, {me.slot, pages_at, 4096, part}).status(),
              Status::bad_argument);
  for (const std::uint64_t to :
       {abi::ram_ipa + 4, abi::ram_ipa - 8, ~std::uint64_t{7}, abi::ram_ipa + agency.ram_bytes - 8})
    EXPECT_EQ(machine.call(calls::snapshot_context, agency, {me.slot, to, 4096, 1}).status(), Status::bad_argument);
  EXPECT_EQ(machine.call(calls::snapshot_pages, agency, {me.slot, pages_at, ipas_at, 0}).status(),
            Status::bad_argument);
  EXPECT_EQ(machine.call(calls::snapshot_pages, agency, {me.slot, ~7ull, ipas_at, 1}).status(), Status::bad_argument);
}

TEST_F(Snapshots, OneAtATimeAndInOrder) {
  avz::Domain& me = me_with_pages(1);
  EXPECT_EQ(end(me), Status::bad_state);
  EXPECT_EQ(run(calls::snapshot_freeze, me), Status::bad_state);
  EXPECT_EQ(machine.call(calls::snapshot_pages, agency, {me.slot, pages_at, ipas_at, 1}).status(), Status::bad_state);
  ASSERT_EQ(prepare(me), Status::ok);
  EXPECT_EQ(prepare(me), Status::ok) << "it is";
  EXPECT_EQ(run(calls::snapshot_freeze, me), Status::ok);
  EXPECT_EQ(prepare(me), Status::bad_state);
  EXPECT_EQ(run(calls::snapshot_freeze, me), Status::bad_state);
  EXPECT_EQ(end(me), Status::ok);
  for (const auto call : {calls::snapshot_prepare, calls::snapshot_freeze, calls::snapshot_end})
    for (const std::uint64_t slot : {0ull, 1ull, 9ull, ~0ull})
      EXPECT_NE(machine.call(call, agency, {slot}).status(), Status::ok);
}

TEST_F(Snapshots, NotWhileADomcallIsSetAsideOrTheVcpuIsNotAtASafePoint) {
  avz::Domain& me = me_with_pages(1);
  ASSERT_EQ(prepare(me), Status::ok);
  me.in_domcall = true;
  EXPECT_EQ(run(calls::snapshot_freeze, me), Status::busy);
  me.in_domcall = false;
  machine.stops_at_once = false;
  EXPECT_EQ(run(calls::snapshot_freeze, me), Status::busy);
  EXPECT_EQ(end(me), Status::ok);
  EXPECT_FALSE(machine.asked.contains(&me.vcpu)) << "nobody will ask again";
  ASSERT_EQ(prepare(me), Status::ok);
  EXPECT_EQ(run(calls::snapshot_freeze, me), Status::busy);
  machine.overdue = true;
  EXPECT_EQ(run(calls::snapshot_freeze, me), Status::bad_state);
  EXPECT_EQ(me.state, abi::State::dead);
  EXPECT_EQ(end(me), Status::ok);
}

// Everything is given back, whenever it ends, by itself or with the ME.
TEST_F(Snapshots, NothingRemains) {
  const auto free = machine.free_pages(), unpromised = machine.unpromised();
  for (const bool by_destroy : {false, true}) {
    for (int stage = 0; stage < 5; stage++) {
      avz::Domain& me = me_with_pages(100, 24 * mb);
      for (std::uint64_t at = 0; at < 24 * mb; at += 2 * mb) ASSERT_TRUE(write(me, abi::ram_ipa + at, 9));
      const auto before = machine.free_pages();
      if (stage == 0) static_cast<void>(run(calls::snapshot_prepare, me));
      else if (stage == 1) static_cast<void>(prepare(me));
      else freeze(me);
      if (stage >= 3)
        for (std::uint64_t i = 0; i < 60; i++) write(me, abi::ram_ipa + i * page_size, 1);
      Image image;
      if (stage == 4) read_some(me, image, 30);
      if (!by_destroy) {
        ASSERT_EQ(end(me), Status::ok);
        EXPECT_EQ(machine.free_pages(), before);
        EXPECT_TRUE(write(me, abi::ram_ipa, 1));
        EXPECT_EQ(me.vcpu.vttbr, me.memory.vttbr());
      }
      machine.destroy(me);
      ASSERT_EQ(machine.free_pages(), free) << stage;
      ASSERT_EQ(machine.unpromised(), unpromised) << stage;
    }
  }
}

TEST_F(Snapshots, OfSeveralMesAtOnce) {
  avz::Domain& a = me_with_pages(50);
  avz::Domain& b = me_with_pages(70);
  const Image of_a = image_of(a), of_b = image_of(b);
  freeze(a);
  freeze(b);
  EXPECT_NE(a.vcpu.vttbr >> 48, b.vcpu.vttbr >> 48);
  for (std::uint64_t i = 0; i < 8; i++) {
    ASSERT_TRUE(write(a, abi::ram_ipa + i * page_size, 0xaa));
    ASSERT_TRUE(write(b, abi::ram_ipa + i * page_size, 0xbb));
  }
  Image read_a, read_b;
  while (read_some(a, read_a, 5) + read_some(b, read_b, 9) != 0) {
  }
  EXPECT_EQ(read_a, of_a);
  EXPECT_EQ(read_b, of_b);
}

// As many as there are VMIDs for, also when MEs have all the others.
TEST(SnapshotVmids, AreKeptForAFullMachine) {
  fake::Machine machine{160 << 20};
  std::vector<avz::Domain*> mes;
  for (int i = 0; i < 6; i++) mes.push_back(&machine.create_started(256 << 10));
  while (machine.call(calls::domain_create, machine.agency(), {256 << 10, 1, 0, 0}).status() == Status::ok) {
  }
  for (std::size_t i = 0; i < mes.size(); i++) {
    const auto status = machine.call(calls::snapshot_prepare, machine.agency(), {mes[i]->slot}).status();
    EXPECT_EQ(status, i < avz::Vmids::kept_for_snapshots ? Status::ok : Status::no_memory);
  }
  machine.call(calls::snapshot_end, machine.agency(), {mes[0]->slot});
  EXPECT_EQ(machine.call(calls::snapshot_prepare, machine.agency(), {mes[5]->slot}).status(), Status::ok);
}

}  // namespace
