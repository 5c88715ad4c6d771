// Every rule of docs/snapshot-format.md, broken in a stream that is intact otherwise, and the words for it (M59).
#include <gtest/gtest.h>

#include "tests/unit/snapshot/sample.hpp"

namespace snapshot_test {
namespace {

using namespace abi::snapshot;

// The sample with one value at `offset` of a section's contents changed, and a digest as if it had been so.
template <typename T>
std::string with(SectionType section, std::size_t offset, T value) {
  auto stream = sample().write();
  put(stream, at_section(stream, section) + sizeof(Section) + offset, value);
  return refusal(sealed(stream));
}
template <typename T>
std::string with_header(std::size_t offset, T value) {
  auto stream = sample().write();
  put(stream, offset, value);
  return refusal(sealed(stream));
}
std::string with_section(SectionType type, Section section) {
  auto stream = sample().write();
  put(stream, at_section(stream, type), section);
  return refusal(sealed(stream));
}
std::string place(SectionType section, std::size_t offset) {
  return std::to_string(at_section(sample().write(), section) + sizeof(Section) + offset);
}
template <typename Change>
std::string changed(Change change) {
  auto contents = sample();
  change(contents);
  return refusal(contents.write());
}

constexpr auto u32 = [](std::uint32_t v) { return v; };

TEST(SnapshotRules, VersionsOlderMinorLoadsOthersAreRefusedByName) {
  EXPECT_EQ(with_header(offsetof(Header, version_minor), std::uint16_t{2}),
            "a snapshot of version 1.2; this side reads 1.0 to 1.1: use a release that knows it");
  EXPECT_EQ(with_header(offsetof(Header, version_major), std::uint16_t{2}),
            "a snapshot of version 2.1; this side reads 1.0 to 1.1: use a release that knows it");
  EXPECT_EQ(with_header(offsetof(Header, version_major), std::uint16_t{0}),
            "a snapshot of version 0.1; this side reads 1.0 to 1.1: use a release that knows it");
  EXPECT_EQ(with_header(offsetof(Header, version_minor), std::uint16_t{0}),
            "the section at byte " + std::to_string(at_section(sample().write(), SectionType::store)) +
                " is of type 6; this version has types 1 to 8")
      << "1.0 had no vbstore section";
  auto stream = sample().write();
  const auto from = stream.begin() + static_cast<std::ptrdiff_t>(at_section(stream, SectionType::store));
  const auto to = stream.begin() + static_cast<std::ptrdiff_t>(at_section(stream, SectionType::pages));
  stream.erase(from, to);
  put(stream, offsetof(Header, version_minor), std::uint16_t{0});
  EXPECT_EQ(refusal(sealed(stream)), "");
}

TEST(SnapshotRules, Header) {
  EXPECT_EQ(with_header(0, std::uint64_t{0x1234}),
            "not a snapshot: it begins with 0x1234, a snapshot with 0x70616e53334f53");
  EXPECT_EQ(with_header(offsetof(Header, machine), u32(62)), "taken on a machine with ELF number 62; this one has 183");
  EXPECT_EQ(with_header(offsetof(Header, page_size), u32(65536)),
            "taken with pages of 65536 bytes; here they have 4096");
  EXPECT_EQ(with_header(offsetof(Header, abi_version), u32(0x2'0000)),
            "taken by a smart object with ABI 2.0, this one has 1.1: use a release that knows it");
  EXPECT_EQ(with_header(offsetof(Header, soo_name), '\n'),
            "soo_name in the header at byte 40 must be printable UTF-8, then NULs");
  EXPECT_NE(with_header(offsetof(Header, soo_name) + 15, 'x'), "") << "no NUL, or something behind it";
}

TEST(SnapshotRules, Sections) {
  EXPECT_EQ(with_section(SectionType::me, {1, 7, sizeof(Me)}), "reserved in the me at byte 60 is 0x7; it must be 0");
  EXPECT_EQ(with_section(SectionType::me, {9, 0, sizeof(Me)}),
            "the section at byte 56 is of type 9; this version has types 1 to 8");
  EXPECT_EQ(with_section(SectionType::me, {2, 0, sizeof(Vcpu)}),
            "the me section is missing: it must come before byte 56");
  EXPECT_EQ(with_section(SectionType::me, {1, 0, 8}), "the me section at byte 56 has 8 bytes; it must have 136");
  EXPECT_EQ(with_section(SectionType::vcpu, {1, 0, sizeof(Me)}),
            "the me section at byte 208 comes twice or out of order");
  EXPECT_NE(with_section(SectionType::grants, {5, 0, 25}).find("has 25 bytes, which are not whole entries of 24"),
            std::string::npos);
  EXPECT_NE(with_section(SectionType::events, {4, 0, 129 * sizeof(Event)}).find("has 129 entries; at most 128"),
            std::string::npos);
  EXPECT_NE(with_section(SectionType::grants, {5, 0, ~std::uint64_t{0} / 24 * 24}).find("entries; at most 4096"),
            std::string::npos);
  EXPECT_NE(with_section(SectionType::pages, {7, 0, 0}).find("is empty"), std::string::npos);
  EXPECT_NE(with_section(SectionType::pages, {7, 0, 4 * sizeof(Page)}).find("has 4 entries; at most 3"),
            std::string::npos);
  EXPECT_NE(with_section(SectionType::store, {6, 0, 33}).find("not whole entries of 8"), std::string::npos);
}

TEST(SnapshotRules, Me) {
  const auto me = [](std::size_t offset, auto value) { return with(SectionType::me, offset, value); };
  const auto ram = [&](std::uint64_t size) { return me(offsetof(Me, ram_size), size); };
  EXPECT_EQ(me(offsetof(Me, spid), std::uint64_t{0}), "spid in the me at byte 72 is 0x0; at least 0x1");
  EXPECT_EQ(ram(0), "ram_size in the me at byte 104 is 0x0; at least 0x40000");
  EXPECT_EQ(ram(std::uint64_t{1} << 40), "ram_size in the me at byte 104 is 0x10000000000; at most 0x100000000");
  EXPECT_EQ(ram((1 << 20) + 1), "ram_size in the me at byte 104 is 0x100001; it must be a multiple of 0x1000");
  EXPECT_EQ(me(offsetof(Me, pages), std::uint64_t{257}), "pages in the me at byte 112 is 0x101; at most 0x100");
  EXPECT_EQ(me(offsetof(Me, dtb_ipa), std::uint64_t{0}),
            "dtb_ipa in the me at byte 120 is 0x0, outside the ME's RAM, which ends at 0x1000300000");
  EXPECT_NE(me(offsetof(Me, dtb_ipa), ~std::uint64_t{0} - 0x400), "") << "no sum may wrap";
  EXPECT_NE(me(offsetof(Me, dtb_size), ~std::uint64_t{0}), "");
  EXPECT_NE(me(offsetof(Me, dtb_size), std::uint64_t{0}), "");
  EXPECT_NE(me(offsetof(Me, ramfs_size), std::uint64_t{0x1001}), "");
  EXPECT_NE(me(offsetof(Me, ramfs_size), std::uint64_t{0}), "") << "then there is no address either";
  for (std::uint32_t state = 0; state < 12; ++state) {
    EXPECT_EQ(me(offsetof(Me, state), state).empty(), state == 3 || state == 5) << state;
  }
  EXPECT_NE(me(offsetof(Me, slot), u32(1)), "");
  EXPECT_NE(me(offsetof(Me, slot), u32(258)), "");
  EXPECT_NE(me(offsetof(Me, cooperates), u32(2)), "");
  EXPECT_NE(me(offsetof(Me, exclusive_cpu), u32(0x100)), "");
  EXPECT_NE(me(offsetof(Me, name), '\0'), "") << "empty, with something behind it";
  EXPECT_NE(me(offsetof(Me, name) + 39, 'x'), "");
  EXPECT_NE(me(offsetof(Me, name), '\x1b'), "");
  EXPECT_NE(changed([](auto& c) { std::ranges::fill(c.me.name, '\0'); }), "");
}

TEST(SnapshotRules, Vcpu) {
  const auto vcpu = [](std::size_t offset, auto value) { return with(SectionType::vcpu, offset, value); };
  for (std::uint64_t mode = 0; mode < 32; ++mode) {
    EXPECT_EQ(vcpu(offsetof(Vcpu, pstate), mode).empty(), mode == 0 || mode == 4 || mode == 5) << mode;
  }
  EXPECT_NE(vcpu(offsetof(Vcpu, pstate), std::uint64_t{1} << 32 | 5), "");
  EXPECT_NE(vcpu(offsetof(Vcpu, counter_hz), std::uint64_t{0}), "");
  EXPECT_NE(vcpu(offsetof(Vcpu, domcall_registered), u32(2)), "");
  EXPECT_NE(vcpu(offsetof(Vcpu, waiting), u32(2)), "");
}

TEST(SnapshotRules, EventsAndGrants) {
  const auto second = sizeof(Event);
  EXPECT_EQ(with(SectionType::events, second, u32(1)),
            "port in the events at byte " + place(SectionType::events, second) + " is 0x1, which was there before");
  for (std::uint32_t port : {0u, 128u, ~0u}) EXPECT_NE(with(SectionType::events, 0, port), "") << port;
  for (std::uint32_t kind : {0u, 5u}) EXPECT_NE(with(SectionType::events, 4, kind), "") << kind;
  EXPECT_NE(with(SectionType::events, 8, u32(258)), "");
  EXPECT_NE(with(SectionType::events, 12, u32(4032)), "");

  const auto grant = sizeof(Grant);
  EXPECT_NE(with(SectionType::grants, grant, abi::ram_ipa + 1), "");
  EXPECT_NE(with(SectionType::grants, grant, abi::ram_ipa + (1 << 20)), "");
  EXPECT_NE(with(SectionType::grants, grant + offsetof(Grant, reference), u32(0)), "") << "twice";
  EXPECT_NE(with(SectionType::grants, grant + offsetof(Grant, reference), u32(4096)), "");
  EXPECT_NE(with(SectionType::grants, grant + offsetof(Grant, read_only), u32(2)), "");
  EXPECT_NE(with(SectionType::grants, grant + offsetof(Grant, remote_slot), u32(258)), "");
}

TEST(SnapshotRules, Store) {
  EXPECT_EQ(with(SectionType::store, 31, '!'),
            "padding in the vbstore at byte " + place(SectionType::store, 31) + " is 0x21; it must be 0");
  EXPECT_NE(with(SectionType::store, 0, u32(0)), "");
  EXPECT_NE(with(SectionType::store, 0, u32(256)), "");
  EXPECT_NE(with(SectionType::store, 4, u32(1025)), "");
  EXPECT_NE(with(SectionType::store, 4, u32(1000)).find("it must have 1016"), std::string::npos) << "not that long";
  const auto path = [](const std::string& p) { return changed([&](Contents& c) { c.store = {{p, "v"}}; }); };
  for (const auto* good : {"device/@", "backend/vlogs/@", "soo/me/@/name", "device/@/a/b"}) EXPECT_EQ(path(good), "");
  for (const auto* bad : {"device/2", "device/@x", "device", "/device/@", "device/@/", "device/@//x", "soo/@",
                          "backend/@", "backend//@", "device/@/\n", "device/@/a b", "secrets/@", "backend/a/b/@"}) {
    EXPECT_NE(path(bad), "") << bad;
  }
  EXPECT_EQ(changed([](Contents& c) { c.store.assign(1024, {"device/@", ""}); }), "");
  EXPECT_NE(changed([](Contents& c) { c.store.assign(1025, {"device/@", ""}); }), "");
}

TEST(SnapshotRules, Pages) {
  const auto ipa = [](std::uint64_t value) { return with(SectionType::pages, 0, value); };
  const auto offset = place(SectionType::pages, 0);
  EXPECT_EQ(ipa(abi::ram_ipa + 8),
            "ipa in the pages at byte " + offset + " is 0x1000200008; it must be a multiple of 0x1000");
  EXPECT_EQ(ipa(abi::ram_ipa - 4096), "ipa in the pages at byte " + offset +
                                          " is 0x10001ff000, outside the ME's RAM, which ends at 0x1000300000");
  EXPECT_NE(ipa(abi::ram_ipa + (1 << 20)), "");
  EXPECT_NE(ipa(~std::uint64_t{4095}), "");
  EXPECT_NE(ipa(abi::ram_ipa + 0x8000).find("was there before"), std::string::npos);
}

TEST(SnapshotRules, End) {
  auto stream = sample().write();
  const auto end = stream.size() - sizeof(End);
  put(stream, end, std::uint64_t{7});
  EXPECT_EQ(refusal(stream), "the snapshot says that it has 7 bytes; it has " + std::to_string(stream.size()));
  stream = sample().write();
  stream.back() ^= std::byte{1};
  EXPECT_EQ(refusal(stream), "the snapshot is damaged: the digest at byte " + std::to_string(stream.size() - 16) +
                                 " is not that of the bytes before");
  EXPECT_EQ(with(SectionType::end, 8, std::uint64_t{2}),
            "the snapshot announces 2 pages; at byte " + place(SectionType::end, 0) + " there are 3");
  EXPECT_NE(with(SectionType::me, offsetof(Me, pages), std::uint64_t{4}).find("announces 4 pages"), std::string::npos);
}

// XXH3-128 of nothing and of "abc", as its authors publish them: the digest is the canonical one.
TEST(SnapshotRules, DigestIsXxh3) {
  const auto hex = [](std::string_view text) {
    snapshot::Digest digest;
    for (char c : text) digest.add(std::as_bytes(std::span(&c, 1)));
    std::string out;
    for (std::byte b : digest.value()) {
      constexpr auto digits = "0123456789abcdef";
      out += digits[static_cast<unsigned>(b) >> 4];
      out += digits[static_cast<unsigned>(b) & 15];
    }
    return out;
  };
  EXPECT_EQ(hex(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(hex("abc"), "06b05ab6733a618578af5f94892f3950");
}

}  // namespace
}  // namespace snapshot_test
