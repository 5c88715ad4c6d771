// Images that nobody on the host has checked: the agency refuses them itself, and goes on.
#include <signal.h>

#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {
namespace {

class RefusalsTest : public SmartObjectTest {
 protected:
  void expect_refused(std::span<const std::byte> image, const char* what) {
    const auto slot = so_->inject_unchecked(image);
    ASSERT_FALSE(slot) << what;
    EXPECT_EQ(slot.error().code, Errc::refused) << what << ": " << slot.error().message;
    EXPECT_GT(slot.error().message.size(), 20U) << what;
  }
};

TEST_P(RefusalsTest, WhatIsNoIntactCapsuleIsRefused) {
  boot();
  const auto good = refso3();
  expect_refused({}, "nothing");
  expect_refused(std::as_bytes(std::span("this is not a capsule")), "text");
  expect_refused(std::vector<std::byte>(64 * 1024, std::byte{0xa5}), "noise");
  expect_refused(good.bytes().first(good.bytes().size() / 2), "truncated");
  expect_refused(good.bytes().first(good.bytes().size() - 1), "without its last byte");
  std::vector<std::byte> damaged(good.bytes().begin(), good.bytes().end());
  damaged[damaged.size() / 2] ^= std::byte{1};
  expect_refused(damaged, "one bit wrong");
  damaged.assign(good.bytes().begin(), good.bytes().end());
  damaged.resize(damaged.size() + 4096);
  expect_refused(damaged, "with bytes behind it");
  EXPECT_TRUE(so_->list().value().empty());
  EXPECT_EQ(inject(good), 2U);
}

TEST_P(RefusalsTest, DeathOfQemuIsToldToWhoWaits) {
  boot();
  (void)inject(refso3());
  ::kill(so_->qemu_pid(), SIGKILL);
  while (so_->list()) {
  }
  EXPECT_EQ(so_->list().error().code, Errc::died);
}

FOR_EACH_GIC(RefusalsTest);

}  // namespace
}  // namespace emulated
