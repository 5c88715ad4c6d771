// Which register carries what (abi/hypercall.hpp), and what comes back.
#include <gtest/gtest.h>

#include "so3/guest/host/recorder.hpp"

namespace {

using abi::Call;
using hypercall::Arguments;

TEST(Hypercall, WithoutHypervisorIsNotSupported) {
  EXPECT_EQ(hypercall::version().error(), abi::Status::not_supported);
}

TEST(Hypercall, ErrorsComeBackAsStatus) {
  hypercall::Recorder avz;
  avz.answer(Call::event_send, abi::Status::not_found);
  EXPECT_EQ(hypercall::event_send(9).error(), abi::Status::not_found);
}

TEST(Hypercall, ConsoleWritePacksBytes) {
  hypercall::Recorder avz;
  ASSERT_TRUE(hypercall::console_write("abcdefghi"));
  EXPECT_EQ(avz.log()[0].arguments, (Arguments{0, 9, 0x6867666564636261, 0x69, 0, 0, 0, 0}));
  EXPECT_EQ(hypercall::console_write(std::string(49, 'x')).error(), abi::Status::too_big);
  EXPECT_TRUE(hypercall::console_write(std::string(48, 'x')));
}

TEST(Hypercall, DomcallRunCombinesSlotAndNumber) {
  hypercall::Recorder avz;
  avz.on(Call::domcall_run, [](const Arguments&) {
    return hypercall::Answer{0, {0, 1 | std::uint64_t{7} << 32, 11, 12, 13, 14, 15, 16}};
  });
  const auto back = hypercall::domcall_run(5, abi::Domcall::cooperate, {21, 22, 23, 24, 25, 26});
  EXPECT_EQ(avz.log()[0].arguments, (Arguments{0, 5 | std::uint64_t{3} << 32, 21, 22, 23, 24, 25, 26}));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->outcome, abi::Outcome::request);
  EXPECT_EQ(back->detail, 7u);
  EXPECT_EQ(back->payload, (hypercall::Payload{11, 12, 13, 14, 15, 16}));
}

TEST(Hypercall, DomainInfoIsTakenApart) {
  hypercall::Recorder avz;
  avz.on(Call::domain_info, [](const Arguments&) {
    return hypercall::Answer{0,
                             {0, 2 | std::uint64_t{3} << 32, 1 << 20, 0x10, 0x20, 1 | std::uint64_t{3} << 32, 77, 99}};
  });
  const auto info = hypercall::domain_info(2);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->state, abi::State::living);
  EXPECT_EQ(info->crash, abi::CrashReason::memory);
  EXPECT_EQ(info->ram_bytes, 1u << 20);
  EXPECT_EQ(info->spid, 0x10u);
  EXPECT_EQ(info->spadcaps, 0x20u);
  EXPECT_TRUE(info->cooperates);
  EXPECT_EQ(info->cpu, 3u);
  EXPECT_EQ(info->pages_in_use, 77u);
  EXPECT_EQ(info->instance_id, 99u);
}

TEST(Hypercall, NegativeResultsKeepTheirSign) {
  hypercall::Recorder avz;
  ASSERT_TRUE(hypercall::dc_event_done(abi::DcEvent::activate, -5));
  EXPECT_EQ(avz.log()[0].arguments[2], static_cast<std::uint64_t>(-5));
  avz.answer(Call::dc_event_result, abi::Status::ok, 9, 0xffff'fffb);
  EXPECT_EQ(hypercall::dc_event_result(2)->result, -5);
}

TEST(Hypercall, SnapshotCallsPutEveryArgumentInItsRegister) {
  hypercall::Recorder avz;
  avz.answer(Call::snapshot_freeze, abi::Status::ok, 77);
  avz.answer(Call::snapshot_pages, abi::Status::ok, 3);
  avz.answer(Call::page_lend, abi::Status::ok, abi::lent_page_ipa);
  ASSERT_TRUE(hypercall::domain_create(1 << 20, 1, abi::CreateFlags::migrating, 9, 4));
  EXPECT_EQ(hypercall::snapshot_freeze(2), 77u);
  ASSERT_TRUE(hypercall::snapshot_context(2, 0x1000, 0x2000, abi::snapshot::Part::events));
  EXPECT_EQ(hypercall::snapshot_pages(2, 0x1000, 0x3000, 64), 3u);
  ASSERT_TRUE(hypercall::domain_restore(3, {1, 2, 3, 4, 5}));
  EXPECT_EQ(hypercall::page_lend(2, 0x5000, 3), abi::lent_page_ipa);
  ASSERT_TRUE(hypercall::domain_identity(3, 7, 8, true));
  const auto log = avz.log();
  EXPECT_EQ(log[0].arguments, (Arguments{0, 1 << 20, 1, 2, 9, 4}));
  EXPECT_EQ(log[2].arguments, (Arguments{0, 2, 0x1000, 0x2000, 3}));
  EXPECT_EQ(log[3].arguments, (Arguments{0, 2, 0x1000, 0x3000, 64}));
  EXPECT_EQ(log[4].arguments, (Arguments{0, 3, 1, 2, 3, 4, 5}));
  EXPECT_EQ(log[5].arguments, (Arguments{0, 2, 0x5000, 3}));
  EXPECT_EQ(log[6].arguments, (Arguments{0, 3, 7, 8, 1}));
}

TEST(Hypercall, PlaceNameTravelsInTwoWords) {
  hypercall::Recorder avz;
  hypercall::Place place{.agency_uid = 1, .soo_name = {'s', 'o', '1'}, .wall_clock_ns = 4, .entropy = {5, 6, 7}};
  ASSERT_TRUE(hypercall::place_set(place));
  EXPECT_EQ(avz.log()[0].arguments, (Arguments{0, 1, 0x316f73, 0, 4, 5, 6, 7}));
}

}  // namespace
