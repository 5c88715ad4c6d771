// The records that avz keeps: issue 3, item 10.
#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "so3/arch/counter.hpp"
#include "so3/arch/physical.hpp"
#include "tests/unit/avz/fake_machine.hpp"

namespace {

using abi::State;
using abi::Status;
using abi::trace::Flags;
using abi::trace::Kind;
using abi::trace::Record;
using avz::TraceRing;

constexpr std::uint64_t number(Flags f) { return static_cast<std::uint64_t>(f); }
constexpr std::uint32_t change(State from, State to) {
  return static_cast<std::uint32_t>(from) | static_cast<std::uint32_t>(to) << 8;
}

class Trace : public testing::Test {
 protected:
  Status control(std::uint64_t flags) {
    return machine_.call(avz::calls::trace_control, machine_.agency(), {flags}).status();
  }
  // What there is, as the agency reads it: across the border of two of its pages.
  std::vector<Record> read(std::size_t records = 1000, std::uint64_t* lost = nullptr) {
    const std::uint64_t offset = (8 << 20) + 4096 - 16;
    const auto r =
        machine_.call(avz::calls::trace_read, machine_.agency(), {abi::ram_ipa + offset, records * sizeof(Record) + 5});
    EXPECT_EQ(r.status(), Status::ok);
    std::vector<Record> all(r.x[1] / sizeof(Record));
    if (!all.empty()) std::memcpy(all.data(), arch::physical<std::uint8_t>(machine_.agency().ram + offset), r.x[1]);
    if (lost != nullptr) *lost = r.x[2];
    return all;
  }

  fake::Machine machine_;
};

TEST_F(Trace, HoldsMemoryOnlyWhileItIsOn) {
  const auto before = machine_.free_pages(), promised = machine_.unpromised();
  ASSERT_EQ(control(number(Flags::all)), Status::ok);
  EXPECT_EQ(machine_.free_pages(), before - 4 * TraceRing::pages);
  ASSERT_EQ(control(number(Flags::states)), Status::ok);  // other flags, the same memory
  EXPECT_EQ(machine_.free_pages(), before - 4 * TraceRing::pages);
  ASSERT_EQ(control(0), Status::ok);
  EXPECT_EQ(control(0), Status::ok);
  EXPECT_EQ(machine_.free_pages(), before);
  EXPECT_EQ(machine_.unpromised(), promised);
  EXPECT_EQ(machine_.rings, nullptr);
}

TEST_F(Trace, IsRefusedWithoutMemoryAndTakesNone) {
  while (machine_.unpromised() >= 4 * TraceRing::pages)
    if (machine_.call(avz::calls::domain_create, machine_.agency(), {abi::ram_min, 1, 0, 77}).status() != Status::ok)
      break;
  const auto before = machine_.unpromised();
  ASSERT_LT(before, 4 * TraceRing::pages);
  EXPECT_EQ(control(number(Flags::all)), Status::no_memory);
  EXPECT_EQ(machine_.unpromised(), before);
  EXPECT_EQ(machine_.rings, nullptr);
  EXPECT_EQ(machine_.agency().shared->trace, 0u);
}

TEST_F(Trace, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(control(64), Status::bad_argument);
  EXPECT_EQ(control(~std::uint64_t{0}), Status::bad_argument);
  const auto read = [&](std::uint64_t to, std::uint64_t room) {
    return machine_.call(avz::calls::trace_read, machine_.agency(), {to, room}).status();
  };
  EXPECT_EQ(read(abi::ram_ipa, 4096), Status::bad_state);
  ASSERT_EQ(control(number(Flags::all)), Status::ok);
  EXPECT_EQ(read(abi::ram_ipa + 4, 4096), Status::bad_argument);
  EXPECT_EQ(read(abi::ram_ipa, ~std::uint64_t{0}), Status::bad_argument);
  EXPECT_EQ(read(abi::shared_page_ipa, 4096), Status::bad_argument);
  EXPECT_EQ(read(abi::ram_ipa, 31), Status::ok);
}

TEST_F(Trace, TellsEveryDomainWhetherThreadsAreWanted) {
  avz::Domain& before = machine_.create_started();
  int told = 0;
  machine_.on_notify = [&](avz::Vcpu& v) { told += &v == &before.vcpu; };
  ASSERT_EQ(control(number(Flags::all)), Status::ok);
  avz::Domain& after = machine_.create_started();
  EXPECT_EQ(before.shared->trace, 1u);
  EXPECT_EQ(after.shared->trace, 1u);
  EXPECT_EQ(machine_.agency().shared->trace, 1u);
  EXPECT_EQ(told, 1);
  EXPECT_NE(before.shared->pending[0] & 1u << abi::port_control, 0u);
  ASSERT_EQ(control(number(Flags::states)), Status::ok);
  EXPECT_EQ(before.shared->trace, 0u);
  EXPECT_EQ(after.shared->trace, 0u);
}

TEST_F(Trace, HasEveryChangeOfStateInOrderAndNanoseconds) {
  ASSERT_EQ(control(number(Flags::states)), Status::ok);
  arch::host_counter = 1000;
  avz::Domain& me = machine_.create_started();
  const auto slot = me.slot;
  arch::host_counter = 2000;
  machine_.call(avz::calls::set_state, me, {static_cast<std::uint64_t>(State::preparing)});
  machine_.call(avz::calls::set_state, me, {static_cast<std::uint64_t>(State::living)});  // refused: no record
  arch::host_counter = 3000;
  machine_.destroy(me);
  const auto all = read();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].number, change(State::dead, State::booting));
  EXPECT_EQ(all[1].number, change(State::booting, State::preparing));
  EXPECT_EQ(all[2].number, change(State::preparing, State::dead));
  for (const auto& r : all) {
    EXPECT_EQ(r.kind, static_cast<std::uint8_t>(Kind::state));
    EXPECT_EQ(r.slot, slot);
    EXPECT_EQ(r.cpu, 0);
  }
  EXPECT_EQ(all[0].time, 16'000u);  // at 62.5 MHz
  EXPECT_EQ(all[2].time, 48'000u);
  arch::host_counter = 0;
}

TEST_F(Trace, RecordsNothingThatNobodyWants) {
  ASSERT_EQ(control(number(Flags::calls)), Status::ok);
  machine_.create_started();
  avz::trace(Kind::interrupt, 0, 27);
  avz::trace(Kind::call, 2, 5);
  const auto all = read();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].kind, static_cast<std::uint8_t>(Kind::call));
}

TEST_F(Trace, CountsWhatHasNoRoomAndKeepsRoomForWhatIsRare) {
  ASSERT_EQ(control(number(Flags::all)), Status::ok);
  for (std::uint32_t i = 0; i < TraceRing::capacity; i++) avz::trace(Kind::call, 2, i);
  avz::trace(Kind::state, 2, change(State::living, State::dead));
  std::uint64_t lost = 0;
  const auto all = read(TraceRing::capacity, &lost);
  ASSERT_EQ(all.size(), TraceRing::capacity / 4 * 3 + 1);
  EXPECT_EQ(lost, TraceRing::capacity / 4);
  EXPECT_EQ(all[100].number, 100u);
  EXPECT_EQ(all.back().kind, static_cast<std::uint8_t>(Kind::state));
  for (std::uint32_t i = 0; i < 2 * TraceRing::capacity; i++) avz::trace(Kind::domcall_begin, 2, i);
  EXPECT_EQ(read(2 * TraceRing::capacity, &lost).size(), TraceRing::capacity);
  EXPECT_EQ(lost, TraceRing::capacity);
  EXPECT_TRUE(read(10, &lost).empty());
  EXPECT_EQ(lost, 0u);
}

TEST_F(Trace, ReadsAllRingsWhenThereIsRoomForOneOnly) {
  ASSERT_EQ(control(number(Flags::all)), Status::ok);
  for (std::uint32_t cpu = 0; cpu < 4; cpu++)
    for (std::uint32_t i = 0; i < 10; i++) machine_.rings[cpu].write(Kind::call, 2, i);
  std::vector<std::uint32_t> next(4);
  for (int i = 0; i < 10; i++)
    for (const auto& r : read(4)) EXPECT_EQ(r.number, next[r.cpu]++);
  EXPECT_EQ(next, (std::vector<std::uint32_t>{10, 10, 10, 10}));
}

// Under ThreadSanitizer or not: what is read is whole and in order, and nothing is neither read nor counted.
TEST_F(Trace, ARingIsWrittenAndReadAtTheSameTime) {
  ASSERT_EQ(control(number(Flags::all)), Status::ok);
  constexpr std::uint32_t many = 200'000;
  TraceRing& ring = machine_.rings[1];
  std::jthread writer([&] {
    for (std::uint32_t i = 0; i < many; i++) ring.write(Kind::call, 2, i, i, ~std::uint64_t{i});
  });
  std::uint64_t seen = 0, lost = 0;
  std::int64_t last = -1;
  while (seen + lost < many) {
    Record r;
    while (ring.take(r)) {
      ASSERT_GT(std::int64_t{r.number}, last);
      ASSERT_EQ(r.value[1], ~std::uint64_t{r.number});
      last = r.number;
      seen++;
    }
    lost += ring.take_lost();
  }
  EXPECT_EQ(seen + lost, many);
}

}  // namespace
