// Defect X12: RAM is what the machine says, and all addresses are 64 bits.
#include <gtest/gtest.h>
#include <libfdt.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "so3/avz/fdt.hpp"
#include "so3/avz/machine_reader.hpp"

namespace {

struct Board {
  std::vector<std::array<std::uint64_t, 2>> memory = {{0x5000'0000, 64 << 20}, {0x4000'0000, 256 << 20}};
  std::uint32_t cpus = 4;
  std::string method = "smc", bootargs = "costs";
  std::uint64_t initrd_start = 0x4800'0000, initrd_end = 0x4800'5000;

  std::vector<std::uint8_t> tree() const {
    std::vector<std::uint8_t> blob(8192);
    void* f = blob.data();
    fdt_create(f, static_cast<int>(blob.size()));
    fdt_finish_reservemap(f);
    fdt_begin_node(f, "");
    fdt_property_u32(f, "#address-cells", 2);
    fdt_property_u32(f, "#size-cells", 2);
    for (const auto& m : memory) {
      fdt_begin_node(f, ("memory@" + std::to_string(m[0])).c_str());
      std::uint64_t reg[] = {cpu_to_fdt64(m[0]), cpu_to_fdt64(m[1])};
      fdt_property(f, "reg", reg, sizeof reg);
      fdt_end_node(f);
    }
    fdt_begin_node(f, "cpus");
    fdt_property_u32(f, "#address-cells", 1);
    fdt_begin_node(f, "cpu-map");
    fdt_end_node(f);
    for (std::uint32_t i = 0; i < cpus; i++) {
      fdt_begin_node(f, ("cpu@" + std::to_string(i)).c_str());
      fdt_property_u32(f, "reg", i);
      fdt_end_node(f);
    }
    fdt_end_node(f);
    fdt_begin_node(f, "psci");
    fdt_property_string(f, "method", method.c_str());
    fdt_end_node(f);
    fdt_begin_node(f, "chosen");
    fdt_property_u64(f, "linux,initrd-start", initrd_start);
    fdt_property_u32(f, "linux,initrd-end", static_cast<std::uint32_t>(initrd_end));
    fdt_property_string(f, "bootargs", bootargs.c_str());
    fdt_end_node(f);
    fdt_end_node(f);
    fdt_finish(f);
    blob.resize(fdt_totalsize(f));
    return blob;
  }
};

TEST(MachineReader, FindsEverything) {
  const auto found = avz::read_machine(Board{}.tree());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->machine.ram.base, 0x4000'0000u);
  EXPECT_EQ(found->machine.ram.bytes, 256u << 20);
  EXPECT_EQ(found->machine.window.base, 0x5000'0000u);
  EXPECT_EQ(found->machine.initrd.bytes, 0x5000u);
  EXPECT_EQ(found->machine.cpus, 4u);
  EXPECT_EQ(found->mpidr[3], 3u);
  EXPECT_STREQ(found->machine.bootargs, "costs");
}

TEST(MachineReader, OneMemoryMeansNoWindow) {
  Board board;
  board.memory = {{0x4000'0000, std::uint64_t{8} << 30}};
  const auto found = avz::read_machine(board.tree());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->machine.ram.bytes, std::uint64_t{8} << 30);
  EXPECT_TRUE(found->machine.window.empty());
}

TEST(MachineReader, SaysWhatIsMissing) {
  Board board;
  board.method = "hvc";
  EXPECT_NE(avz::read_machine(board.tree()).error().find("virtualization=on"), std::string_view::npos);
  board = {};
  board.initrd_end = board.initrd_start;
  EXPECT_NE(avz::read_machine(board.tree()).error().find("-initrd"), std::string_view::npos);
  board = {};
  board.memory = {};
  EXPECT_FALSE(avz::read_machine(board.tree()));
  board = {};
  board.cpus = 0;
  EXPECT_FALSE(avz::read_machine(board.tree()));
  board = {};
  board.bootargs = std::string(256, 'x');
  EXPECT_FALSE(avz::read_machine(board.tree()));
}

TEST(MachineReader, RefusesMemoryThatWrapsAround) {
  Board board;
  board.memory = {{~std::uint64_t{0} - 4095, 8192}};
  EXPECT_FALSE(avz::read_machine(board.tree()));
}

TEST(MachineReader, UsesNoMoreCpusThanItHasRoomFor) {
  Board board;
  board.cpus = 12;
  const auto found = avz::read_machine(board.tree());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->machine.cpus, avz::max_cpus);
  EXPECT_EQ(found->cpus_listed, 12u);
}

// Under the sanitizers: whatever the bytes are, nothing outside of them is read.
TEST(MachineReader, SurvivesEveryTruncationAndRandomDamage) {
  const auto good = Board{}.tree();
  for (std::size_t n = 0; n < good.size(); n++)
    EXPECT_FALSE(avz::read_machine(std::vector<std::uint8_t>(good.begin(), good.begin() + static_cast<long>(n))));
  std::mt19937 random{7};
  for (int i = 0; i < 20'000; i++) {
    auto bad = good;
    for (int k = 0; k < 3; k++) bad[random() % bad.size()] = static_cast<std::uint8_t>(random());
    static_cast<void>(avz::read_machine(bad));
  }
}

TEST(FdtWalk, WalksInOrder) {
  const auto blob = Board{}.tree();
  auto walk = avz::FdtWalk::over(blob);
  ASSERT_TRUE(walk);
  using Event = avz::FdtWalk::Event;
  EXPECT_EQ(walk->next(), Event::node);
  EXPECT_EQ(walk->depth(), 0u);
  EXPECT_EQ(walk->next(), Event::property);
  EXPECT_EQ(walk->name(), "#address-cells");
  EXPECT_EQ(avz::fdt_cells(walk->value(), 0, 1), 2u);
  Event event;
  while ((event = walk->next()) != Event::end) ASSERT_NE(event, Event::malformed);
  EXPECT_EQ(walk->next(), Event::end);
}

}  // namespace
