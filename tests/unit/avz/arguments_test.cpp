#include "so3/avz/arguments.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/fuzz/hypercall_world.hpp"
#include "tests/unit/avz/fake_machine.hpp"

namespace {

// X5, X11: every call, with anything in its registers, answers and leaves the books right.
TEST(Arguments, RandomAndEdgeValuesInEveryRegisterOfEveryCall) {
  fuzz::World world;
  std::mt19937_64 random{42};
  for (int i = 0; i < 100'000; i++) {
    std::uint8_t bytes[fuzz::bytes_per_call];
    for (auto& b : bytes) b = static_cast<std::uint8_t>(random());
    world.call(bytes);
    if (i % 1000 == 0) world.check();
  }
  world.check();
}

TEST(Arguments, RangesDoNotWrap) {
  EXPECT_TRUE(avz::IpaRange::decode(~std::uint64_t{0} - 5, 5));
  EXPECT_FALSE(avz::IpaRange::decode(~std::uint64_t{0} - 5, 6));
  EXPECT_FALSE(avz::IpaRange::decode(1, ~std::uint64_t{0}));
}

}  // namespace
