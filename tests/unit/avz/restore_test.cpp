// E31: an ME that goes on where a snapshot of it was taken.
#include <gtest/gtest.h>

#include "so3/arch/counter.hpp"
#include "so3/arch/physical.hpp"
#include "so3/avz/restored_vcpu.hpp"
#include "tests/unit/avz/fake_machine.hpp"

namespace {

using abi::Status;
namespace calls = avz::calls;

constexpr std::uint64_t mb = 1 << 20, hz = 62'500'000;

class Restore : public testing::Test {
 protected:
  void SetUp() override {
    const auto r = machine.call(calls::domain_create, agency, {mb, 1, 2, 77, 5});
    ASSERT_EQ(r.status(), Status::ok);
    me = avz::find_domain(r.x[1]);
    vcpu.pc = abi::ram_ipa + 0x100;
    vcpu.pstate = 0x5;
    vcpu.counter_hz = hz;
    vcpu.counter = 1'000'000;
  }
  void TearDown() override { arch::host_counter = 0; }
  Status restore(std::uint64_t dtb = abi::ram_ipa + 8, std::uint64_t from = abi::ram_ipa) {
    *arch::physical<abi::snapshot::Vcpu>(agency.ram) = vcpu;
    return machine.call(calls::domain_restore, agency, {me->slot, from, dtb, 16, 0, 0}).status();
  }

  fake::Machine machine;
  avz::Domain& agency = machine.agency();
  avz::Domain* me = nullptr;
  abi::snapshot::Vcpu vcpu{};
};

TEST_F(Restore, GoesOnFromTheRegistersOnceItIsUnpaused) {
  for (int i = 0; i < 31; i++) vcpu.x[i] = 100 + i;
  vcpu.v[7][3] = 0x42;
  vcpu.fpcr = 1 << 22;
  vcpu.el1.ttbr0 = 0x1111;
  vcpu.el1.par = 0x2222;
  vcpu.domcall_registered = 1;
  vcpu.domcall_entry = 0x7000;
  vcpu.domcall_el1.sp_el1 = 0x8000;
  vcpu.domcall_el1.afsr1 = 0x99;
  vcpu.domcall_el1.elr = 0x66;
  ASSERT_EQ(restore(), Status::ok);
  EXPECT_TRUE(machine.running.contains(&me->vcpu));
  EXPECT_TRUE(machine.held.contains(&me->vcpu));
  EXPECT_EQ(me->vcpu.x[30], 130u);
  EXPECT_EQ(me->vcpu.pc, abi::ram_ipa + 0x100);
  EXPECT_EQ(me->vcpu.pstate, 5u);
  EXPECT_EQ(me->vcpu.fp.v[7][3], 0x42);
  EXPECT_EQ(me->vcpu.fp.fpcr, 1u << 22);
  EXPECT_EQ(me->vcpu.el1.ttbr0, 0x1111u);
  EXPECT_EQ(me->vcpu.el1.par, 0x2222u);
  EXPECT_TRUE(me->vcpu.domcall_registered);
  EXPECT_EQ(me->vcpu.domcall.entry, 0x7000u);
  EXPECT_EQ(me->vcpu.domcall.start.sp_el1, 0x8000u);
  EXPECT_EQ(me->vcpu.domcall.start.afsr1, 0x99u);
  EXPECT_EQ(me->vcpu.domcall.start.elr, 0u) << "a domcall starts without it";
  EXPECT_EQ(me->shared->selector, abi::selector_timer) << "it looks";
  EXPECT_EQ(me->shared->dtb_ipa, abi::ram_ipa + 8);
  EXPECT_EQ(me->shared->epoch, 5u);
  EXPECT_EQ(machine.call(calls::domain_unpause, agency, {me->slot}).status(), Status::ok);
  EXPECT_FALSE(machine.held.contains(&me->vcpu));
}

TEST_F(Restore, TimeGoesOnWithoutAJump) {
  arch::host_counter = 5'000'000;
  vcpu.el1.cntv_ctl = 1 | 4;
  vcpu.el1.cntv_cval = 1'000'500;
  ASSERT_EQ(restore(), Status::ok);
  EXPECT_EQ(arch::host_counter - me->vcpu.cntvoff, 1'000'000u);
  EXPECT_EQ(me->vcpu.el1.cntv_cval, 1'000'500u);
  EXPECT_EQ(me->vcpu.el1.cntv_ctl, 1u);
}

TEST_F(Restore, TimeGoesOnInNanosecondsFromABoardWithAnotherFrequency) {
  vcpu.counter_hz = 1'000'000'000;
  vcpu.counter = 3'000'000'160;
  vcpu.el1.cntv_cval = 3'000'001'760;
  ASSERT_EQ(restore(), Status::ok);
  const auto counter = 0 - me->vcpu.cntvoff;
  EXPECT_EQ(counter, 3 * hz + 10);
  EXPECT_EQ(me->vcpu.el1.cntv_cval, counter + 100);
}

TEST_F(Restore, TimersThatAreDueOrNeverStaySo) {
  vcpu.el1.cntv_cval = vcpu.counter - 7;
  ASSERT_EQ(restore(), Status::ok);
  EXPECT_EQ(me->vcpu.el1.cntv_cval, 1'000'000u);
  avz::Vcpu other{};
  vcpu.el1.cntv_cval = vcpu.counter + ~std::uint64_t{0} / 2;
  avz::RestoredVcpu::decode(vcpu)->load_into(other, 0, 2'000'000'000);
  EXPECT_EQ(other.el1.cntv_cval - (0 - other.cntvoff), std::uint64_t{1} << 62);
}

// Unix time = wall_clock_ns + its own counter.
TEST_F(Restore, WallClockIsThatOfThePlace) {
  arch::host_counter = 10 * hz;
  const auto place = [&](std::uint64_t wall) {
    machine.call(calls::place_set, agency, {9, 0x316f73, 0, wall, 1, 2, 3});
  };
  constexpr std::uint64_t second = 1'000'000'000, boot = 1'700'000'000 * second;
  place(boot);
  vcpu.counter = 100 * hz;
  ASSERT_EQ(restore(), Status::ok);
  EXPECT_EQ(me->shared->wall_clock_ns + 100 * second, boot + 10 * second);
  place(boot + 5);
  EXPECT_EQ(me->shared->wall_clock_ns + 100 * second, boot + 5 + 10 * second);
  EXPECT_EQ(agency.shared->wall_clock_ns, boot + 5);
  place(0);
  EXPECT_EQ(me->shared->wall_clock_ns, 0u) << "unknown";
}

TEST_F(Restore, RefusesWhatNoMeCouldHave) {
  const auto refused = [&](auto change) {
    const auto good = vcpu;
    change(vcpu);
    EXPECT_EQ(restore(), Status::bad_argument);
    vcpu = good;
    EXPECT_FALSE(me->started);
  };
  for (const std::uint64_t pstate : {0x9ull, 0xdull, 0x8ull, 0xcull, 0x1ull, 0x10ull, 0x13ull, 0x1full, 0x20'0005ull,
                                     0x10'0005ull, 0x40'0005ull, 1ull << 32 | 5})
    refused([&](auto& v) { v.pstate = pstate; });
  for (const std::uint64_t frequency : {0ull, 1ull, 999'999ull, 4'000'000'000ull, ~0ull})
    refused([&](auto& v) { v.counter_hz = frequency; });
  refused([](auto& v) { v.domcall_registered = 2; });
  refused([](auto& v) { v.waiting = 2; });
  refused([](auto& v) { v.domcall_registered = 1, v.domcall_entry = 2; });
  refused([](auto& v) { v.domcall_registered = 1, v.domcall_el1.sp_el1 = 8; });
  EXPECT_EQ(restore(abi::ram_ipa + mb), Status::bad_argument);
  EXPECT_EQ(restore(abi::ram_ipa, abi::ram_ipa + 4), Status::bad_argument);
  EXPECT_EQ(restore(abi::ram_ipa, abi::ram_ipa + agency.ram_bytes - 64), Status::bad_argument);
  for (const std::uint64_t pstate : {0x0ull, 0x4ull, 0x5ull, 0xf000'03c5ull}) {
    vcpu.pstate = pstate;
    EXPECT_TRUE(avz::RestoredVcpu::decode(vcpu));
  }
  EXPECT_EQ(restore(), Status::ok);
  EXPECT_EQ(restore(), Status::bad_state);
}

TEST_F(Restore, OnlyAnMeThatWasCreatedForIt) {
  avz::Domain& booting = machine.create();
  EXPECT_EQ(machine.call(calls::domain_restore, agency, {booting.slot, abi::ram_ipa, abi::ram_ipa, 8, 0, 0}).status(),
            Status::bad_state);
  EXPECT_EQ(machine.call(calls::domain_start, agency, {me->slot, abi::ram_ipa, abi::ram_ipa, 8, 0, 0}).status(),
            Status::bad_state);
  EXPECT_EQ(machine.call(calls::domain_restore, agency, {9, abi::ram_ipa, abi::ram_ipa, 8, 0, 0}).status(),
            Status::not_found);
}

// What comes back dormant is found by others before it is asked anything.
TEST_F(Restore, IsWhoTheAgencySaysUntilItSaysSoItself) {
  const auto identify = [&](std::uint64_t slot, std::uint64_t cooperates) {
    return machine.call(calls::domain_identity, agency, {slot, 0x10, 0x20, cooperates}).status();
  };
  EXPECT_EQ(identify(me->slot, 2), Status::bad_argument);
  EXPECT_EQ(identify(1, 1), Status::bad_argument);
  EXPECT_EQ(identify(9, 1), Status::not_found);
  ASSERT_EQ(restore(), Status::ok);
  EXPECT_EQ(identify(me->slot, 1), Status::ok);
  const auto info = machine.call(calls::domain_info, agency, {me->slot});
  EXPECT_EQ(info.x[3], 0x10u);
  EXPECT_EQ(info.x[4], 0x20u);
  EXPECT_EQ(info.x[5] & 1, 1u);
  me->state = abi::State::dormant;
  EXPECT_EQ(identify(me->slot, 0), Status::bad_state) << "from now on it is for the ME to say";
}

}  // namespace
