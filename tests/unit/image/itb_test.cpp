// What an .itb may be, and what is refused with which words (M2, M3, M7, M12).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "engine/capsule/capsule.hpp"
#include "so3/abi/layout.hpp"
#include "so3/abi/version.hpp"
#include "tests/unit/image/itb_builder.hpp"

namespace image_test {
namespace {

using engine::Capsule;

std::string refusal(const Blob& file) {
  const auto capsule = Capsule::parse(file);
  return capsule ? "accepted" : capsule.error();
}

TEST(Itb, GoodOneIsWhatWasPutIn) {
  const auto capsule = Capsule::parse(good_itb());
  ASSERT_TRUE(capsule) << capsule.error();
  const auto& itb = capsule->itb();
  EXPECT_EQ(itb.description, "SOO.refso3");
  EXPECT_EQ(itb.kernel.size(), itb.header.file_size);
  EXPECT_EQ(itb.header.abi_version, abi::version);
  EXPECT_TRUE(std::ranges::equal(itb.fdt, me_tree()));
  EXPECT_EQ(itb.ramfs.size(), 101u);
  EXPECT_EQ(capsule->me().spid, 0x0010000000000001u);
}

TEST(Itb, StaysValidWhenMoved) {
  auto capsule = Capsule::parse(good_itb());
  ASSERT_TRUE(capsule);
  const Capsule moved = std::move(*capsule);
  EXPECT_EQ(moved.me().name, "SOO.refso3");
  EXPECT_EQ(moved.itb().description, "SOO.refso3");
}

TEST(Itb, RamfsMayBeAbsent) {
  const auto capsule = Capsule::parse(itb({kernel_image(good_header()), fdt_image()}));
  ASSERT_TRUE(capsule) << capsule.error();
  EXPECT_TRUE(capsule->itb().ramfs.empty());
}

TEST(Itb, HashNodeMayHaveThePublishedName) {
  auto kernel = kernel_image(good_header());
  kernel.hash_node = "hash";
  EXPECT_TRUE(Capsule::parse(itb({kernel, fdt_image()})));
}

TEST(Itb, EveryTruncationIsRefused) {
  const auto whole = good_itb();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Capsule::parse(std::span(whole).first(size))) << size;
  }
}

TEST(Itb, TrailingByteIsRefused) {
  auto file = good_itb();
  const auto size = file.size();
  file.push_back({});
  EXPECT_EQ(refusal(file), "the .itb has " + std::to_string(size + 1) + " bytes but ends at " + std::to_string(size) +
                               ": bytes after the end are not accepted");
}

// A flipped bit is noticed, or is in what says nothing about the capsule (a description, an unused name).
TEST(Itb, EveryBitFlipIsRefusedOrHarmless) {
  const auto good = good_itb();
  const auto original = Capsule::parse(good);
  ASSERT_TRUE(original);
  auto file = good;
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    file[bit / 8] ^= std::byte{1} << bit % 8;
    if (const auto capsule = Capsule::parse(file)) {
      EXPECT_TRUE(std::ranges::equal(capsule->itb().kernel, original->itb().kernel)) << bit;
      EXPECT_TRUE(std::ranges::equal(capsule->itb().fdt, original->itb().fdt)) << bit;
      EXPECT_TRUE(std::ranges::equal(capsule->itb().ramfs, original->itb().ramfs)) << bit;
    }
    file[bit / 8] = good[bit / 8];
  }
}

TEST(Itb, NotAnItb) {
  EXPECT_EQ(refusal({}), "the .itb is not one: it has no flattened device tree header (version 17)");
  EXPECT_EQ(refusal(Blob(4096, std::byte{'x'})), refusal({}));
}

// A header alone, all its sizes in agreement with a file that ends inside of it or right behind: nothing beyond is read.
TEST(Itb, ATreeWithoutItsReservationMapIsDamaged) {
  const auto put = [](Blob& blob, std::size_t at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) blob[at + i] = static_cast<std::byte>(value >> (24 - 8 * i));
  };
  for (std::size_t size = 40; size < 56; ++size) {
    Blob file(size);
    const std::uint32_t header[] = {0xd00dfeed, static_cast<std::uint32_t>(size), 56, 56, 40, 17, 16, 0, 0, 0};
    for (std::size_t i = 0; i < std::size(header); ++i) put(file, 4 * i, header[i]);
    EXPECT_EQ(refusal(file), "the .itb is damaged: its structure is not what dtc and mkimage write") << size;
  }
}

TEST(Itb, PaddingMustBeZero) {
  auto file = good_itb();
  auto total = file.size() + 8;
  file.resize(total);
  for (int i = 0; i < 4; ++i) file[4 + i] = static_cast<std::byte>(total >> (24 - 8 * i));
  EXPECT_TRUE(Capsule::parse(file)) << "mkimage leaves zeros before the end";
  file.back() = std::byte{1};
  EXPECT_EQ(refusal(file), "the .itb is damaged: its padding is not zero");
}

TEST(Itb, WrongHash) {
  auto kernel = kernel_image(good_header());
  kernel.wrong_hash = true;
  EXPECT_EQ(refusal(itb({kernel, fdt_image()})), "so3 does not have the sha256 that is written beside it");
}

TEST(Itb, WrongHashAlgorithm) {
  auto kernel = kernel_image(good_header());
  kernel.algorithm = "crc32";
  EXPECT_EQ(refusal(itb({kernel, fdt_image()})), "algo of so3 must be \"sha256\"");
}

TEST(Itb, MissingParts) {
  EXPECT_EQ(refusal(itb({fdt_image()})), "no image of type \"ME\": not a capsule");
  EXPECT_EQ(refusal(itb({kernel_image(good_header())})),
            "no image \"fdt\" of type \"flat_dt\": a capsule carries its device tree");
  EXPECT_EQ(refusal(TreeWriter().text("description", "x").finish()), "/images is missing");
}

TEST(Itb, PartsOnce) {
  EXPECT_EQ(refusal(itb({kernel_image(good_header()), kernel_image(good_header()), fdt_image()})),
            "ME is there twice in /images");
}

TEST(Itb, WrongValues) {
  auto kernel = kernel_image(good_header());
  kernel.arch = "arm";
  EXPECT_EQ(refusal(itb({kernel, fdt_image()})),
            "arch of so3 has a value that is not accepted (see docs/itb-format.md)");
  kernel = kernel_image(good_header());
  kernel.compression = "gzip";
  EXPECT_EQ(refusal(itb({kernel, fdt_image()})),
            "compression of so3 has a value that is not accepted (see docs/itb-format.md)");
  kernel = kernel_image(good_header());
  kernel.type = "kernel";
  EXPECT_NE(refusal(itb({kernel, fdt_image()})), "accepted");
}

TEST(Itb, UnknownPropertiesAndNodes) {
  auto kernel = kernel_image(good_header());
  kernel.more = [more = kernel.more](TreeWriter& t) { more(t), t.cell("padding", 1); };
  EXPECT_EQ(refusal(itb({kernel, fdt_image()})), "padding is not a known property of so3");
  EXPECT_EQ(refusal(itb({kernel_image(good_header()), fdt_image()}, [](TreeWriter& t) { t.cell("version", 1); })),
            "version is not a known property of /");
}

TEST(Itb, LoadAddressIsOursOrAbsent) {
  auto kernel = kernel_image(good_header());
  const auto with_load = [&](std::uint64_t address) {
    auto image = kernel;
    image.more = [more = kernel.more, address](TreeWriter& t) { more(t), t.wide("load", {address}); };
    return refusal(itb({image, fdt_image()}));
  };
  EXPECT_EQ(with_load(abi::ram_ipa), "accepted");
  EXPECT_EQ(with_load(0x40000000), "load of so3 is 0x40000000; capsules run at 0x1000200000 only, leave it out");
}

TEST(Itb, AbiOfAnotherVersion) {
  auto header = good_header();
  header.abi_version = abi::version + 1;
  EXPECT_EQ(refusal(itb({kernel_image(header), fdt_image()})),
            "built for ABI 1.2, this side has 1.1: build it with the SDK of this version");
  header.abi_version = 0x20000;
  EXPECT_NE(refusal(itb({kernel_image(header), fdt_image()})), "accepted");
}

TEST(Itb, HeaderMustAgree) {
  auto header = good_header();
  header.magic ^= 1;
  EXPECT_EQ(refusal(itb({kernel_image(header), fdt_image()})),
            "so3 was not linked as a capsule: no capsule header at its start");
  header = good_header();
  header.file_size += 1;
  EXPECT_EQ(refusal(itb({kernel_image(header), fdt_image()})),
            "size of so3 is 0x14e in the header of the image, 0x14d outside it");
  header = good_header();
  header.memory_size = header.file_size - 1;
  EXPECT_NE(refusal(itb({kernel_image(header), fdt_image()})), "accepted");
  header.memory_size = ~std::uint64_t{0} - 5;
  EXPECT_NE(refusal(itb({kernel_image(header), fdt_image()})), "accepted");
}

TEST(Itb, DomainSizeMustHoldTheImage) {
  auto header = good_header();
  header.memory_size = 0x100000;
  EXPECT_EQ(refusal(itb({kernel_image(header), fdt_image()})),
            "domain-size 0x100000 is too small: this capsule needs at least 0x111000");
}

TEST(Itb, DeviceTreeIsChecked) {
  EXPECT_EQ(refusal(itb({kernel_image(good_header()), fdt_image(TreeWriter().finish())})),
            "the device tree has no node /ME: #include <me.dtsi>");
  EXPECT_EQ(refusal(itb({kernel_image(good_header()), fdt_image(Blob(image::fdt_max + 1))})).substr(0, 13),
            "fdt has 65537");
}

// A tree of ten thousand names without an end must not make libfdt search them again for each property.
TEST(Itb, StringsAreBounded) {
  TreeWriter t;
  for (int i = 0; i < 1200; ++i) t.cell("p" + std::to_string(i), 0);
  EXPECT_EQ(refusal(t.finish()), "the .itb is damaged: its structure is not what dtc and mkimage write");
}

}  // namespace
}  // namespace image_test
