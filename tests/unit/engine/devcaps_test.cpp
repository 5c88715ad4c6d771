#include "engine/devcaps.hpp"

#include <gtest/gtest.h>

#include "engine/qemu.hpp"

namespace engine {
namespace {

using Entries = std::vector<std::uint32_t>;

TEST(Devcaps, BothFormsAndBothBases) {
  EXPECT_EQ(parse_devcaps("6:3,0x07:0x2,0x05000001,100663297").value(),
            (Entries{0x06000003, 0x07000002, 0x05000001, 0x06000001}));
  EXPECT_EQ(devcaps_text(Entries{0x06000003, 0xff000001}), "0x06000003,0xff000001");
  EXPECT_EQ(parse_devcaps(devcaps_text(Entries{0x06000003, 0xff000001})).value(), (Entries{0x06000003, 0xff000001}));
}

TEST(Devcaps, WhatIsNoneIsNamed) {
  for (const std::string_view text : {"", "6", "6:", ":1", "6:0", "0:1", "256:1", "6:0x1000000", "6:1,", "0x", "x:1",
                                      "6:-1", "0x06000000", "0x106000001", "6:1:1", "6: 1"}) {
    const auto parsed = parse_devcaps(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::usage);
    EXPECT_NE(parsed.error().message.find("' is no device capability"), std::string::npos);
  }
}

TEST(Devcaps, BecomeABootArgument) {
  Options options;
  options.devcaps = {0x06000001, 0x07000002};
  EXPECT_EQ(qemu_command(options, {}).back(), "devcaps=0x06000001,0x07000002");
  options.bootargs = "costs";
  EXPECT_EQ(qemu_command(options, {}).back(), "costs devcaps=0x06000001,0x07000002");
}

TEST(Devcaps, MoreThanBootArgumentsHoldAreRefused) {
  Options options;
  options.avz = options.agency = "/dev/null";
  options.devcaps.assign(22, 0x06000001);
  EXPECT_TRUE(check_machine(options));
  options.devcaps.assign(23, 0x06000001);
  const auto refused = check_machine(options);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("255 are possible"), std::string::npos);
  options.devcaps = {0x06000000};
  EXPECT_FALSE(check_machine(options));
}

}  // namespace
}  // namespace engine
