#include "so3/avz/domain.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "so3/arch/physical.hpp"
#include "so3/arch/stage2.hpp"
#include "tests/unit/avz/fake_machine.hpp"

namespace {

using abi::page_size;
using abi::Status;
namespace calls = avz::calls;

constexpr std::uint64_t mb = 1 << 20;

class Domains : public testing::Test {
 protected:
  fake::Registers create(std::uint64_t ram, std::uint64_t cpu = 1, std::uint64_t flags = 0) {
    return machine.call(calls::domain_create, agency, {ram, cpu, flags, 0xabcdef, 12});
  }
  Status load(avz::Domain& me, std::uint64_t to, std::uint64_t from, std::uint64_t bytes) {
    return machine.call(calls::domain_load, agency, {me.slot, to, from, bytes}).status();
  }

  fake::Machine machine;
  avz::Domain& agency = machine.agency();
};

TEST_F(Domains, CreateGivesWhatTheInterfacePromises) {
  const auto r = create(mb);
  ASSERT_EQ(r.status(), Status::ok);
  EXPECT_EQ(r.x[1], abi::first_me_slot);
  const avz::Domain& me = *avz::find_domain(2);
  EXPECT_EQ(me.shared->magic, abi::shared_page_magic);
  EXPECT_EQ(me.shared->slot, 2u);
  EXPECT_EQ(me.shared->ram_size, mb);
  EXPECT_EQ(me.shared->state, static_cast<std::uint32_t>(abi::State::booting));
  EXPECT_EQ(me.shared->instance_id, 0xabcdefu);
  EXPECT_EQ(me.shared->epoch, 12u);
  EXPECT_EQ(me.shared->counter_hz, 62'500'000u);
  EXPECT_EQ(me.shared->machine.ram_pa, 0u);
  EXPECT_EQ(me.vcpu.vttbr, me.memory.vttbr());
  EXPECT_NE(me.vcpu.vttbr >> 48, 0u);
  for (const std::uint64_t ipa : {abi::shared_page_ipa, abi::store_page_ipa}) {
    EXPECT_TRUE(me.memory.find(ipa).writable());
    EXPECT_FALSE(me.memory.find(ipa).executable());
  }
  const auto info = machine.call(calls::domain_info, agency, {2});
  EXPECT_EQ(info.x[1], 0u);
  EXPECT_EQ(info.x[2], mb);
  EXPECT_EQ(info.x[5], 1ull << 32);
  EXPECT_EQ(info.x[7], 0xabcdefu);
}

// A domain begins with its MMU off and sees memory past the caches: what it reads then must have arrived there.
TEST_F(Domains, WhatIsReadWithTheMmuOffIsInMemory) {
  std::vector<std::uint8_t> behind(arch::host_memory.size, 0xee);  // the caches
  arch::on_clean = [&](const void* from, std::uint64_t bytes) {
    std::memcpy(&behind[static_cast<const std::uint8_t*>(from) - arch::host_memory.bytes], from, bytes);
  };
  avz::Domain& me = machine.create();
  std::memset(arch::physical<void>(agency.ram), 0x77, 6000);
  ASSERT_EQ(load(me, abi::ram_ipa + 100, abi::ram_ipa, 6000), Status::ok);
  ASSERT_EQ(machine.call(calls::domain_start, agency, {me.slot, abi::ram_ipa, abi::ram_ipa + 8, 8, 0, 0}).status(),
            Status::ok);
  ASSERT_TRUE(avz::handle_stage2_fault(me, abi::ram_ipa + 5 * page_size, true, false));
  for (const std::uint64_t ipa : {abi::shared_page_ipa, abi::store_page_ipa, abi::ram_ipa, abi::ram_ipa + page_size,
                                  abi::ram_ipa + 5 * page_size}) {
    const auto* const page = arch::physical<std::uint8_t>(me.memory.find(ipa).address());
    EXPECT_EQ(std::memcmp(page, &behind[page - arch::host_memory.bytes], page_size), 0) << std::hex << ipa;
  }
  arch::on_clean = {};
}

TEST_F(Domains, MigratingIsAnotherBeginning) {
  ASSERT_EQ(create(mb, 1, 2).status(), Status::ok);
  EXPECT_EQ(avz::find_domain(2)->state, abi::State::migrating);
}

// X3: the size is what was asked for, to the page, or an error.
TEST_F(Domains, SizeIsExactToThePage) {
  const std::uint64_t odd = 24 * mb / 16 + 3 * page_size;
  avz::Domain& me = machine.create_started(odd);
  EXPECT_EQ(me.shared->ram_size, odd);
  EXPECT_TRUE(avz::handle_stage2_fault(me, abi::ram_ipa + odd - 1, true, false));
  EXPECT_FALSE(avz::handle_stage2_fault(me, abi::ram_ipa + odd, true, false));
  for (const std::uint64_t bad : {std::uint64_t{0}, mb + 1, abi::ram_min - page_size})
    EXPECT_EQ(create(bad).status(), Status::bad_argument);
  EXPECT_EQ(create(abi::ram_max + page_size).status(), Status::too_big);
  EXPECT_EQ(create(~std::uint64_t{0}).status(), Status::too_big);
  EXPECT_EQ(create(mb, 99).status(), Status::bad_argument);
  EXPECT_EQ(create(mb, 1ull << 32 | 1).status(), Status::bad_argument);
  EXPECT_EQ(create(mb, 1, 4).status(), Status::bad_argument);
}

// X1: no slot or memory left is an answer, and the next one fits again when somebody went. X12: no more than there is.
TEST_F(Domains, AsManyAsMemoryAllows) {
  const auto before = machine.unpromised();
  std::vector<std::uint64_t> slots;
  fake::Registers r;
  while ((r = create(256 << 10)).status() == Status::ok) slots.push_back(r.x[1]);
  EXPECT_EQ(r.status(), Status::no_memory);
  EXPECT_GE(slots.size(), 64u);
  EXPECT_EQ(slots.size(), before / avz::pages_for_me(256 << 10));
  machine.destroy(*avz::find_domain(slots[10]));
  EXPECT_EQ(create(256 << 10).x[1], slots[10]);
  EXPECT_EQ(create(256 << 10).status(), Status::no_memory);
  // Every one of them can touch all it was promised.
  for (const auto slot : slots) {
    avz::Domain& me = *avz::find_domain(slot);
    for (std::uint64_t at = 0; at < me.ram_bytes; at += page_size)
      ASSERT_TRUE(avz::handle_stage2_fault(me, abi::ram_ipa + at, true, false));
  }
  EXPECT_EQ(machine.free_pages() - machine.unpromised(), machine.free_pages() - before % avz::pages_for_me(256 << 10));
  for (const auto slot : slots) machine.destroy(*avz::find_domain(slot));
  EXPECT_EQ(machine.unpromised(), before);
}

TEST(DomainSlots, AsManyAsThereAreVmids) {
  fake::Machine machine{160 << 20};
  std::uint32_t n = 0;
  fake::Registers r;
  while ((r = machine.call(calls::domain_create, machine.agency(), {256 << 10, 1, 0, 0})).status() == Status::ok) n++;
  EXPECT_EQ(r.status(), Status::no_slot);
  EXPECT_EQ(n, 250u) << "besides the agency and four snapshots";
  EXPECT_EQ(machine.call(calls::machine_info, machine.agency()).x[4], n);
}

// I5: nobody finds the code of a dead ME in an instruction cache, behind the address of a page that is his now.
TEST_F(Domains, CodeIsForgottenBeforeItsPagesAreAnybodysAgain) {
  const auto before = machine.free_pages();
  avz::Domain& me = machine.create_started();
  ASSERT_TRUE(avz::handle_stage2_fault(me, abi::ram_ipa, false, true));
  const auto page = me.memory.find(abi::ram_ipa).address();
  std::uint64_t taken_back = 1;
  arch::on_forget_instructions = [&] {
    taken_back = before - machine.free_pages() - me.reservation.drawn();
    EXPECT_EQ(me.memory.find(abi::ram_ipa).address(), page);
  };
  machine.destroy(me);
  arch::on_forget_instructions = {};
  EXPECT_EQ(taken_back, 0u) << "none before";
}

TEST_F(Domains, CreateAndDestroyGiveEveryPageBack) {
  const auto before = machine.free_pages();
  const auto unpromised = machine.unpromised();
  for (int round = 0; round < 10; round++) {
    avz::Domain& me = machine.create_started(4 * mb);
    for (std::uint64_t at = 0; at < 4 * mb; at += page_size * (1 + round))
      EXPECT_TRUE(avz::handle_stage2_fault(me, abi::ram_ipa + at, false, false));
    const auto info = machine.call(calls::domain_info, agency, {me.slot});
    EXPECT_EQ(info.x[6], before - machine.free_pages()) << "pages in use are told as they are";
    machine.destroy(me);
    ASSERT_EQ(machine.free_pages(), before);
    ASSERT_EQ(machine.unpromised(), unpromised);
    ASSERT_TRUE(machine.claimed_cpus.count(1) == 0);
  }
}

// Creation stops at every page it could fail to get; nothing is lost and the next one works.
TEST_F(Domains, EveryFailureInCreateLeavesNothingBehind) {
  const auto before = machine.free_pages();
  const auto unpromised = machine.unpromised();
  for (std::uint64_t n = 0;; n++) {
    avz::Reservation limited;
    ASSERT_TRUE(limited.make(avz::ram_pages, n));
    const auto made = avz::create_me({mb, 1, false, false, 0, 0}, limited);
    if (made) {
      EXPECT_EQ(n, 7u) << "its own, root, two tables, shared, store, grants";
      avz::destroy_me(**made);
      ASSERT_EQ(machine.free_pages(), before);
      break;
    }
    EXPECT_EQ(made.error(), Status::no_memory);
    EXPECT_EQ(avz::count_mes(), 0u);
    ASSERT_EQ(machine.free_pages(), before) << n;
    ASSERT_EQ(machine.unpromised(), unpromised) << n;
  }
  std::vector<avz::Vmid> taken;
  while (const auto v = avz::vmids.take()) taken.push_back(*v);
  EXPECT_EQ(create(mb).status(), Status::no_slot);
  EXPECT_EQ(machine.unpromised(), unpromised);
  for (const auto v : taken) avz::vmids.give_back(v);
  EXPECT_EQ(create(mb, 7).status(), Status::bad_argument) << "no such CPU: found out last";
  EXPECT_EQ(machine.unpromised(), unpromised);
  EXPECT_EQ(create(mb).status(), Status::ok);
}

TEST_F(Domains, RamIsMappedWhenTouchedAndClean) {
  avz::Domain& me = machine.create_started();
  const std::uint64_t ipa = abi::ram_ipa + 7 * page_size;
  EXPECT_FALSE(me.memory.find(ipa).valid());
  EXPECT_TRUE(avz::handle_stage2_fault(me, ipa + 123, true, false));
  const auto entry = me.memory.find(ipa);
  EXPECT_TRUE(entry.valid() && entry.writable() && entry.executable());
  const auto* bytes = arch::physical<std::uint8_t>(entry.address());
  EXPECT_TRUE(std::all_of(bytes, bytes + page_size, [](auto b) { return b == 0; }));
  EXPECT_TRUE(avz::handle_stage2_fault(me, ipa, false, true)) << "another CPU was first";
  EXPECT_EQ(me.memory.find(ipa), entry);
}

// X18: an access to what is not the ME's own is never ignored, and never anybody else's problem.
TEST_F(Domains, AccessOutsideIsRefused) {
  avz::Domain& me = machine.create_started();
  for (const std::uint64_t ipa :
       {std::uint64_t{0}, std::uint64_t{0x0900'0000}, std::uint64_t{0x0a00'0000}, abi::domain_base - 1,
        abi::grant_window_ipa, abi::ram_ipa - 1, abi::ram_ipa + mb, abi::agency_grant_window_ipa, abi::host_window_ipa,
        std::uint64_t{1} << 39, ~std::uint64_t{0}})
    for (const bool write : {false, true})
      EXPECT_FALSE(avz::handle_stage2_fault(me, ipa, write, false)) << std::hex << ipa;
  EXPECT_FALSE(avz::handle_stage2_fault(me, abi::shared_page_ipa, false, true)) << "shared pages hold no code";
}

TEST_F(Domains, LoadCopiesAcrossPageBordersWithinBounds) {
  avz::Domain& me = machine.create();
  auto* source = arch::physical<std::uint8_t>(agency.ram + 4 * mb);
  for (int i = 0; i < 20'000; i++) source[i] = static_cast<std::uint8_t>(i * 7);
  const std::uint64_t from = abi::ram_ipa + 4 * mb + 333, to = abi::ram_ipa + 0x10'0ff;
  ASSERT_EQ(load(me, to, from, 12'345), Status::ok);
  for (std::uint64_t i = 0; i < 12'345; i++) {
    const std::uint64_t ipa = to + i;
    const auto* page = arch::physical<std::uint8_t>(me.memory.find(ipa).address());
    ASSERT_EQ(page[ipa % page_size], source[333 + i]) << i;
  }
  const auto* first = arch::physical<std::uint8_t>(me.memory.find(to).address());
  EXPECT_EQ(first[0xfe], 0) << "nothing before it";
  EXPECT_EQ(load(me, abi::ram_ipa, abi::ram_ipa, 0), Status::ok);
}

// X11: addresses are checked, not computed with.
TEST_F(Domains, LoadOutsideEitherRamIsRefused) {
  avz::Domain& me = machine.create();
  const std::uint64_t end = abi::ram_ipa + mb, agency_end = abi::ram_ipa + agency.ram_bytes;
  EXPECT_EQ(load(me, end - 10, abi::ram_ipa, 11), Status::bad_argument);
  EXPECT_EQ(load(me, abi::shared_page_ipa, abi::ram_ipa, 8), Status::bad_argument);
  EXPECT_EQ(load(me, abi::ram_ipa, agency_end - 10, 11), Status::bad_argument);
  EXPECT_EQ(load(me, abi::ram_ipa, 0x4000'0000, 8), Status::bad_argument);
  EXPECT_EQ(load(me, abi::ram_ipa, abi::ram_ipa, ~std::uint64_t{0}), Status::bad_argument);
  EXPECT_EQ(load(me, ~std::uint64_t{0}, abi::ram_ipa, 2), Status::bad_argument);
  EXPECT_EQ(machine.call(calls::domain_load, agency, {0, abi::ram_ipa, abi::ram_ipa, 1}).status(),
            Status::bad_argument);
  EXPECT_EQ(machine.call(calls::domain_load, agency, {3, abi::ram_ipa, abi::ram_ipa, 1}).status(), Status::not_found);
}

TEST_F(Domains, StartChecksAndHappensOnce) {
  avz::Domain& me = machine.create();
  const auto start = [&](std::uint64_t entry, std::uint64_t dtb, std::uint64_t dtb_bytes, std::uint64_t fs,
                         std::uint64_t fs_bytes) {
    return machine.call(calls::domain_start, agency, {me.slot, entry, dtb, dtb_bytes, fs, fs_bytes}).status();
  };
  const std::uint64_t ram = abi::ram_ipa;
  EXPECT_EQ(start(ram - 4, ram, 8, 0, 0), Status::bad_argument);
  EXPECT_EQ(start(ram + 2, ram, 8, 0, 0), Status::bad_argument);
  EXPECT_EQ(start(ram, ram + mb - 4, 8, 0, 0), Status::bad_argument);
  EXPECT_EQ(start(ram, ram, 8, ram, mb + 1), Status::bad_argument);
  EXPECT_EQ(start(ram, ram, 8, 0, 5), Status::bad_argument);
  EXPECT_EQ(start(ram, ~std::uint64_t{0}, 2, 0, 0), Status::bad_argument);
  EXPECT_FALSE(machine.running.contains(&me.vcpu));
  EXPECT_EQ(start(ram + 4, ram + 100, 8, ram + 200, 16), Status::ok);
  EXPECT_TRUE(machine.running.contains(&me.vcpu));
  EXPECT_EQ(me.vcpu.pc, ram + 4);
  EXPECT_EQ(me.shared->dtb_ipa, ram + 100);
  EXPECT_EQ(me.shared->ramfs_size, 16u);
  EXPECT_EQ(start(ram, ram, 8, 0, 0), Status::bad_state);
  EXPECT_EQ(load(me, ram, ram, 8), Status::bad_state);
}

TEST_F(Domains, PauseIsBusyUntilStoppedAndUnpauseResumes) {
  avz::Domain& me = machine.create();
  const auto pause = [&] { return machine.call(calls::domain_pause, agency, {me.slot}).status(); };
  const auto unpause = [&] { return machine.call(calls::domain_unpause, agency, {me.slot}).status(); };
  EXPECT_EQ(pause(), Status::bad_state);
  machine.call(calls::domain_start, agency, {me.slot, abi::ram_ipa, abi::ram_ipa, 8, 0, 0});
  EXPECT_EQ(unpause(), Status::bad_state);
  machine.stops_at_once = false;
  EXPECT_EQ(pause(), Status::busy);
  machine.stops_at_once = true;
  EXPECT_EQ(pause(), Status::ok);
  EXPECT_EQ(pause(), Status::ok);
  EXPECT_TRUE(machine.held.contains(&me.vcpu));
  EXPECT_EQ(unpause(), Status::ok);
  EXPECT_FALSE(machine.held.contains(&me.vcpu));
}

// Who gives up says so: an ME that parked later would be held by nobody's wish.
TEST_F(Domains, UnpauseTakesBackARequestThatWasNotMetYet) {
  avz::Domain& me = machine.create_started();
  const auto pause = [&] { return machine.call(calls::domain_pause, agency, {me.slot}).status(); };
  const auto unpause = [&] { return machine.call(calls::domain_unpause, agency, {me.slot}).status(); };
  machine.stops_at_once = false;
  EXPECT_EQ(pause(), Status::busy);
  EXPECT_TRUE(machine.asked.contains(&me.vcpu));
  EXPECT_EQ(unpause(), Status::ok);
  EXPECT_FALSE(machine.asked.contains(&me.vcpu));
  EXPECT_EQ(unpause(), Status::bad_state) << "there is none";
}

// As a domcall: who is not at a safe point within its time never will be.
TEST_F(Domains, OneThatDoesNotPauseInTimeIsDead) {
  avz::Domain& me = machine.create_started();
  machine.stops_at_once = false;
  const auto pause = [&] { return machine.call(calls::domain_pause, agency, {me.slot}).status(); };
  EXPECT_EQ(pause(), Status::busy);
  machine.overdue = true;
  EXPECT_EQ(pause(), Status::bad_state);
  EXPECT_EQ(me.state, abi::State::dead);
  EXPECT_EQ(me.crash, abi::CrashReason::not_stopping);
}

// X16: no slot is special.
TEST_F(Domains, CallsAboutNobodyAreAnswered) {
  for (const avz::SlowCall call : {calls::domain_destroy, calls::domain_info, calls::domain_pause,
                                   calls::domain_unpause, calls::dc_event_result}) {
    for (const std::uint64_t slot : {std::uint64_t{2}, std::uint64_t{257}})
      EXPECT_EQ(machine.call(call, agency, {slot}).status(), Status::not_found);
    for (const std::uint64_t slot :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{258}, std::uint64_t{1} << 32 | 2, ~std::uint64_t{0}})
      EXPECT_EQ(machine.call(call, agency, {slot}).status(), Status::bad_argument);
  }
  EXPECT_EQ(avz::find_domain(~std::uint64_t{0}), nullptr);
}

TEST_F(Domains, DestroyLeavesTheOthersAsTheyWere) {
  avz::Domain& a = machine.create_started();
  avz::Domain& b = machine.create_started();
  ASSERT_TRUE(avz::handle_stage2_fault(b, abi::ram_ipa, true, false));
  const auto page = b.memory.find(abi::ram_ipa).address();
  std::memset(arch::physical<void>(page), 0x5a, page_size);
  std::vector<std::uint64_t> flushed;
  arch::host_tlb.on_flush_all = [&](std::uint64_t vttbr) { flushed.push_back(vttbr); };
  const auto vttbr = a.memory.vttbr();
  machine.destroy(a);
  EXPECT_EQ(flushed, std::vector{vttbr}) << "nobody else's translations";
  EXPECT_EQ(b.memory.find(abi::ram_ipa).address(), page);
  EXPECT_EQ(*arch::physical<std::uint64_t>(page), 0x5a5a5a5a5a5a5a5aull);
  EXPECT_TRUE(machine.running.contains(&b.vcpu));
  EXPECT_EQ(machine.call(calls::domain_next_change, agency).x[1], 2u) << "the agency is told";
}

TEST_F(Domains, AgencyHasItsRamInOnePieceItsDevicesAndNothingOfAvz) {
  EXPECT_EQ(agency.shared->machine.ram_pa % avz::block_size, 0u);
  for (std::uint64_t at = 0; at < agency.ram_bytes; at += page_size)
    ASSERT_EQ(agency.memory.find(abi::ram_ipa + at).address(), agency.ram + at);
  EXPECT_EQ(agency.memory.find(0x0a00'0000).address(), 0x0a00'0000u);
  EXPECT_FALSE(agency.memory.find(0x0800'0000).valid()) << "GIC";
  EXPECT_FALSE(agency.memory.find(0x0900'0000).valid()) << "UART";
  EXPECT_FALSE(agency.memory.find(fake::ram_base).valid());
  const auto* image = arch::physical<std::uint64_t>(agency.ram);
  EXPECT_EQ(image[1], 0x656c'7573'7061'432eu);
}

TEST_F(Domains, IdentityIsTold) {
  avz::Domain& me = machine.create_started();
  EXPECT_EQ(machine.call(calls::identity, me, {0x0010'0000'0000'0001, 0x55, 1}).status(), Status::ok);
  EXPECT_EQ(machine.call(calls::identity, me, {1, 2, 2}).status(), Status::bad_argument);
  const auto info = machine.call(calls::domain_info, agency, {me.slot});
  EXPECT_EQ(info.x[3], 0x0010'0000'0000'0001u);
  EXPECT_EQ(info.x[4], 0x55u);
  EXPECT_EQ(info.x[5], 1ull << 32 | 1);
}

}  // namespace
