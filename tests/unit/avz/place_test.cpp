#include "so3/avz/place.hpp"

#include <gtest/gtest.h>

#include <set>

#include "so3/avz/chacha20.hpp"
#include "tests/unit/avz/fake_machine.hpp"

namespace {

using abi::Status;
namespace calls = avz::calls;

// RFC 8439, 2.3.2.
TEST(ChaCha20, AsTheStandardHasIt) {
  const std::array<std::uint32_t, 8> key = {0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
                                            0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c};
  const std::array<std::uint32_t, 16> expected = {
      0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7, 0x0368c033, 0x9aaa2204, 0x4e6cd4c3,
      0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9, 0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2};
  EXPECT_EQ(avz::chacha20_block(key, 1, {0x09000000, 0x4a000000, 0}), expected);
}

TEST(TimeScale, IsWithinAMillionthForEveryFrequency) {
  for (const std::uint64_t hz :
       {1'000'000ull, 19'200'000ull, 24'000'000ull, 54'000'000ull, 62'500'000ull, 1'000'000'000ull}) {
    const auto scale = avz::time_scale(hz);
    const auto ns = static_cast<double>(scale.mult) / static_cast<double>(std::uint64_t{1} << scale.shift);
    EXPECT_NEAR(ns * static_cast<double>(hz), 1e9, 1e3) << hz;
  }
  EXPECT_EQ(avz::time_scale(0).mult, 0u);
}

TEST(Place, IsToldToAllThereAreAndAllToCome) {
  fake::Machine machine;
  avz::Domain& before = machine.create_started();
  const std::uint64_t name = 0x31'6f'73;  // "so1"
  ASSERT_EQ(machine.call(calls::place_set, machine.agency(), {0x77, name, 0, 123'456, 1, 2, 3}).status(), Status::ok);
  avz::Domain& after = machine.create_started();
  for (const avz::Domain* d : {&before, &after, &machine.agency()}) {
    EXPECT_EQ(d->shared->agency_uid, 0x77u);
    EXPECT_STREQ(d->shared->soo_name, "so1");
    EXPECT_EQ(d->shared->wall_clock_ns, 123'456u);
  }
}

TEST(Place, EntropyIsFreshForEveryone) {
  fake::Machine machine;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 20; i++) {
    avz::Domain& me = machine.create_started(256 << 10);
    for (const auto e : me.shared->entropy) EXPECT_TRUE(seen.insert(e).second);
    if (i % 2 == 0) machine.destroy(me);
  }
}

}  // namespace
