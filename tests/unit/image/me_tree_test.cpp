// The node /ME: identity and needs of an ME (M3 to M7, M10, M12, M20, M21).
#include "so3/image/me_tree.hpp"

#include <gtest/gtest.h>

#include "so3/abi/layout.hpp"
#include "tests/unit/image/itb_builder.hpp"

namespace image_test {
namespace {

using image::parse_me_tree;

std::string refusal(const MeProperties& p) {
  const auto tree = me_tree(p);
  const auto me = parse_me_tree(tree);
  if (me) return "accepted";
  std::array<char, 256> line;
  return std::string(image::message(me.error(), line));
}

TEST(MeTree, IdentityRoundTrip_M4_M5_M6) {
  const auto tree = me_tree({.spid = [](auto& t) { t.wide("spid", {0xfedcba9876543210}); },
                             .spadcaps = [](auto& t) { t.wide("spadcaps", {0x8000000000000001}); },
                             .name = [](auto& t) { t.text("me_name", "SOO.outdoor"); }});
  const auto me = parse_me_tree(tree);
  ASSERT_TRUE(me);
  EXPECT_EQ(me->spid, 0xfedcba9876543210);
  ASSERT_EQ(me->capabilities().size(), 1u);
  EXPECT_EQ(me->capabilities()[0], 0x8000000000000001);
  EXPECT_EQ(me->name, "SOO.outdoor");
  EXPECT_EQ(me->domain_size, 0x100000u);
  EXPECT_FALSE(me->cooperate);
  EXPECT_FALSE(me->exclusive_cpu);
}

TEST(MeTree, OneToEightSpads_M21) {
  const auto tree = me_tree({.spadcaps = [](auto& t) { t.wide("spadcaps", {1, 2, 3, 4, 5, 6, 7, 8}); }});
  const auto me = parse_me_tree(tree);
  ASSERT_TRUE(me);
  EXPECT_EQ(me->capabilities().size(), 8u);
  EXPECT_EQ(me->capabilities()[7], 8u);
  constexpr auto wording = "spadcaps must be one to eight 64-bit values, /bits/ 64 <...>; it has ";
  EXPECT_EQ(refusal({.spadcaps = [](auto& t) { t.wide("spadcaps", {1, 2, 3, 4, 5, 6, 7, 8, 9}); }}),
            std::string(wording) + "72 bytes");
  EXPECT_EQ(refusal({.spadcaps = [](auto& t) { t.cell("spadcaps", 1); }}), std::string(wording) + "4 bytes");
}

TEST(MeTree, DescriptionOf1024Passes1025Not_M7) {
  EXPECT_EQ(refusal({.description = [](auto& t) { t.text("me_shortdesc", std::string(1024, 'x')); }}), "accepted");
  EXPECT_EQ(refusal({.description = [](auto& t) { t.text("me_shortdesc", std::string(1025, 'x')); }}),
            "me_shortdesc has 1025 bytes; at most 1024");
}

TEST(MeTree, NameOf39Passes40Not_M6) {
  EXPECT_EQ(refusal({.name = [](auto& t) { t.text("me_name", std::string(39, 'x')); }}), "accepted");
  EXPECT_EQ(refusal({.name = [](auto& t) { t.text("me_name", std::string(40, 'x')); }}),
            "me_name has 40 bytes; at most 39");
}

TEST(MeTree, SpidIsOne64BitValueAndNotZero_M4) {
  EXPECT_EQ(refusal({.spid = [](auto&) {}}), "spid is missing in /ME");
  EXPECT_EQ(refusal({.spid = [](auto& t) { t.cell("spid", 1); }}),
            "spid must be one 64-bit value, /bits/ 64 <0x...>; it has 4 bytes, not 8");
  EXPECT_EQ(refusal({.spid = [](auto& t) { t.wide("spid", {1, 2}); }}),
            "spid must be one 64-bit value, /bits/ 64 <0x...>; it has 16 bytes, not 8");
  EXPECT_EQ(refusal({.spid = [](auto& t) { t.wide("spid", {0}); }}), "spid must not be 0: it names the species");
}

TEST(MeTree, TextIsPrintableUtf8) {
  const auto name = [](const std::string& text) {
    return refusal({.name = [text](auto& t) { t.text("me_name", text); }});
  };
  EXPECT_EQ(name("Zürich-日本-😀"), "accepted");
  for (const std::string bad : {"", "line\n", "\x7f", "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                "\xe2\x82", "\x80", "\xf0\x80\x80\x80"}) {
    EXPECT_EQ(name(bad), "me_name of /ME must be one string of printable UTF-8");
  }
  EXPECT_NE(refusal({.name = [](auto& t) { t.bytes("me_name", Blob(4, std::byte{'x'})); }}), "accepted") << "no NUL";
  EXPECT_NE(refusal({.name = [](auto& t) { t.text("me_name", std::string("a\0b", 3)); }}), "accepted") << "two strings";
  EXPECT_EQ(refusal({.description = [](auto& t) { t.text("me_shortdesc", "two\nlines\tand a tab"); }}), "accepted");
}

TEST(MeTree, DomainSize) {
  const auto size = [](std::uint32_t bytes) {
    return refusal({.size = [bytes](auto& t) { t.cell("domain-size", bytes); }});
  };
  EXPECT_EQ(size(abi::ram_min), "accepted");
  EXPECT_EQ(size(0xfffff000), "accepted");
  EXPECT_EQ(size(0), "domain-size is 0x0; it must be a multiple of 4 KB, and not 0");
  EXPECT_EQ(size(0x100001), "domain-size is 0x100001; it must be a multiple of 4 KB, and not 0");
  EXPECT_EQ(size(0x1000), "domain-size 0x1000 is too small: this capsule needs at least 0x40000");
  EXPECT_EQ(refusal({.size = [](auto& t) { t.wide("domain-size", {0x100000}); }}),
            "domain-size of /ME must have 4 bytes; it has 8");
}

TEST(MeTree, Flags) {
  const auto tree = me_tree({.more = [](auto& t) { t.bytes("cooperate", {}).bytes("exclusive-cpu", {}); }});
  const auto me = parse_me_tree(tree);
  ASSERT_TRUE(me);
  EXPECT_TRUE(me->cooperate);
  EXPECT_TRUE(me->exclusive_cpu);
  EXPECT_EQ(refusal({.more = [](auto& t) { t.cell("cooperate", 0); }}), "cooperate of /ME must have 0 bytes; it has 4");
}

TEST(MeTree, UnknownRepeatedAndMissing) {
  EXPECT_EQ(refusal({.more = [](auto& t) { t.cell("domainsize", 1); }}), "domainsize is not a known property of /ME");
  EXPECT_EQ(refusal({.more = [](auto& t) { t.cell("domain-size", 1); }}), "domain-size is there twice in /ME");
  EXPECT_EQ(refusal({.nodes = [](auto& t) { t.begin("frontend").end(); }}), "frontend is not a known node");
  EXPECT_EQ(refusal({.beside = [](auto& t) { t.begin("memory").end(); }}), "memory is not a known node");
  EXPECT_EQ(refusal({.spadcaps = [](auto&) {}}), "spadcaps is missing in /ME");
}

void frontend(TreeWriter& t, const std::string& name, const std::string& compatible, const std::string& status) {
  t.begin(name).text("compatible", compatible).text("status", status).end();
}

TEST(MeTree, EnabledFrontendsInOrder) {
  const auto tree = me_tree({.nodes = [](auto& t) {
    t.begin("frontends");
    frontend(t, "vlogs", "vlogs,frontend", "ok");
    frontend(t, "vuart", "vuart,frontend", "disabled");
    frontend(t, "second", "vlogs,frontend", "okay");
    t.end();
  }});
  const auto me = parse_me_tree(tree);
  ASSERT_TRUE(me);
  ASSERT_EQ(me->enabled_frontends().size(), 2u);
  EXPECT_EQ(me->enabled_frontends()[0], "vlogs");
  EXPECT_EQ(me->enabled_frontends()[1], "vlogs");
}

TEST(MeTree, FrontendsAreChecked) {
  const auto one = [](const std::string& compatible, const std::string& status) {
    return refusal({.nodes = [=](auto& t) { t.begin("frontends"), frontend(t, "v", compatible, status), t.end(); }});
  };
  EXPECT_EQ(one("vlogs", "ok"), "compatible of frontend v must be \"<type>,frontend\"");
  EXPECT_EQ(one(",frontend", "ok"), "compatible of frontend v must be \"<type>,frontend\"");
  EXPECT_EQ(one("vlogs,frontend", "on"), "status of frontend v must be \"ok\" or \"disabled\"");
  EXPECT_EQ(refusal({.nodes =
                         [](auto& t) {
                           t.begin("frontends");
                           for (int i = 0; i < 33; ++i) frontend(t, "v" + std::to_string(i), "vdummy,frontend", "ok");
                           t.end();
                         }}),
            "more than 32 frontends are enabled");
}

// A header that agrees with the shortened file: only what lies behind it can tell.
TEST(MeTree, EveryTruncationThatItsHeaderAgreesWithIsRefused) {
  const auto whole = me_tree();
  for (std::size_t size = 40; size < whole.size(); ++size) {
    Blob cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    for (int i = 0; i < 4; ++i) cut[4 + i] = static_cast<std::byte>(size >> (24 - 8 * i));
    EXPECT_FALSE(image::parse_me_tree(cut)) << size;
  }
}

}  // namespace
}  // namespace image_test
