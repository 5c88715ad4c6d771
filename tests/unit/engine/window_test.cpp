#include "engine/host/window.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "engine/host/paths.hpp"
#include "engine/qemu.hpp"

namespace engine {
namespace {

TEST(Window, RegionsNeverOverlapAndComeBack) {
  auto window = Window::create(16 * 4096);
  ASSERT_TRUE(window);
  std::vector<std::optional<Window::Region>> regions;
  for (int i = 0; i < 16; ++i) {
    auto r = (*window)->reserve(4096);
    ASSERT_TRUE(r);
    EXPECT_EQ(r->offset(), static_cast<std::uint64_t>(i) * 4096);
    regions.emplace_back(std::move(*r));
  }
  EXPECT_EQ((*window)->reserve(1).error().code, Errc::wrong_state);
  regions[3].reset();
  regions[4].reset();
  EXPECT_EQ((*window)->reserve(3 * 4096).error().code, Errc::wrong_state);
  auto two = (*window)->reserve(4097);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->offset(), 3U * 4096);
  EXPECT_EQ((*window)->reserve(17 * 4096).error().code, Errc::refused);
}

TEST(Window, ARegionGivenBackReadsAsZero) {
  auto window = Window::create(4096);
  ASSERT_TRUE(window);
  (*window)->reserve(4096)->bytes()[7] = 1;
  EXPECT_EQ((*window)->reserve(4096)->bytes()[7], 0);
}

TEST(Names, AreShortAndPlain) {
  for (const auto* good : {"so1", "a", "Kitchen-2_x", "0123456789abcde"}) EXPECT_TRUE(check_name(good)) << good;
  for (const auto* bad : {"", ".", "..", "-a", "_a", "a/b", "a b", "0123456789abcdef", "ä"})
    EXPECT_FALSE(check_name(bad)) << bad;
}

TEST(Qemu, VersionIsFoundInWhatItSays) {
  EXPECT_EQ(parse_qemu_version("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)\n").value(), (QemuVersion{7, 2}));
  EXPECT_EQ(parse_qemu_version("QEMU emulator version 10.0.2").value(), (QemuVersion{10, 0}));
  for (const auto* bad : {"", "version ", "version 7", "version 7.", "version x.y", "bash: qemu: not found"})
    EXPECT_FALSE(parse_qemu_version(bad)) << bad;
}

}  // namespace
}  // namespace engine
