#include "so3/avz/mmu.hpp"

#include "so3/arch/arm64/barrier.hpp"
#include "so3/avz/asm_offsets.h"
#include "so3/avz/console.hpp"
#include "so3/plat/qemu_virt/board.hpp"

extern "C" const char image_start[], rodata_start[], data_start[], image_end[];
extern "C" char boot_stacks[MAX_CPUS][STACK_BYTES];
[[gnu::section(".stacks"), gnu::aligned(4096)]] char boot_stacks[MAX_CPUS][STACK_BYTES];

namespace avz {
namespace {

constexpr std::uint64_t page = 1 << 12, block2 = 1 << 21, block1 = 1 << 30;
constexpr std::uint64_t first_ram = 0x4000'0000;

// Descriptors of stage 1 at EL2 (Arm ARM D8.3), 4 KB granule, 39-bit addresses, levels 1 to 3.
constexpr std::uint64_t table_bits = 0b11, page_bits = 0b11, block_bits = 0b01;
constexpr std::uint64_t normal = 0 << 2, device = 1 << 2;  // index into MAIR
constexpr std::uint64_t res1 = 1 << 6, read_only = 1 << 7, inner_shareable = 3 << 8, accessed = 1 << 10;
constexpr std::uint64_t never_execute = std::uint64_t{1} << 54;
constexpr std::uint64_t any = res1 | inner_shareable | accessed;
constexpr std::uint64_t code = any | normal | read_only;
constexpr std::uint64_t constant = code | never_execute;
constexpr std::uint64_t data = any | normal | never_execute;
constexpr std::uint64_t registers = any | device | never_execute;

struct alignas(page) Table {
  std::uint64_t entry[512];

  std::uint64_t& at(std::uint64_t address, std::uint64_t span) { return entry[address / span % 512]; }
};

// Not cleared with .bss: in use by then.
#define IN_TABLES [[gnu::section(".tables")]]
IN_TABLES Table level1;
IN_TABLES Table devices;
IN_TABLES Table ram_first;  // the gigabyte where RAM begins
IN_TABLES Table ram_last;   // the one where it ends, when it is not full
IN_TABLES Table image;      // the 2 MB avz is in

std::uint64_t link_to(const Table& table) { return reinterpret_cast<std::uint64_t>(&table) | table_bits; }
std::uint64_t address_of(const char* symbol) { return reinterpret_cast<std::uint64_t>(symbol); }

bool is_guard(std::uint64_t address) {
  const auto stacks = address_of(boot_stacks[0]);
  return address >= stacks && address < stacks + sizeof boot_stacks && (address - stacks) % STACK_BYTES == 0;
}

void map_image() {
  for (std::uint64_t a = address_of(image_start); a < address_of(image_end); a += page) {
    if (is_guard(a)) continue;
    const auto kind = a < address_of(rodata_start) ? code : a < address_of(data_start) ? constant : data;
    image.at(a, page) = a | kind | page_bits;
  }
}

}  // namespace

extern "C" {

// MAIR: 0 = normal write-back, 1 = device nGnRE. TCR: 39 bits, write-back inner shareable walks, 40-bit output.
// SCTLR: RES1, M, A off, C, SA, I, WXN.
struct MmuRegisters {
  std::uint64_t mair, tcr;
  const Table* ttbr0;
  std::uint64_t sctlr;
};
extern const MmuRegisters mmu_registers;
constinit const MmuRegisters mmu_registers = {
    .mair = 0x04ff,
    .tcr = (64 - 39) | 1 << 8 | 1 << 10 | 3 << 12 | 2 << 16 | 1u << 31 | 1 << 23,
    .ttbr0 = &level1,
    .sctlr = 0x30c5'0830 | 1 << 0 | 1 << 2 | 1 << 3 | 1 << 12 | 1 << 19,
};

// With the MMU still off, in tables already cleared: the image, the devices, and where the device tree may lie
// (it is at most 2 MB, booting.rst).
void map_early(std::uint64_t dtb) {
  level1.at(0, block1) = link_to(devices);
  level1.at(first_ram, block1) = link_to(ram_first);
  ram_first.at(address_of(image_start), block2) = link_to(image);
  map_image();
  for (auto base : plat::device_blocks) devices.at(base, block2) = base | registers | block_bits;
  if (dtb < first_ram || dtb >= first_ram + block1 - 2 * block2)
    panic("the device tree is not in the first gigabyte of RAM");
  for (std::uint64_t a = dtb & ~(block2 - 1); a <= dtb + block2; a += block2)
    if (a != (address_of(image_start) & ~(block2 - 1))) ram_first.at(a, block2) = a | data | block_bits;
}
}

void map_ram(PhysRange ram) {
  const auto image_block = address_of(image_start) & ~(block2 - 1);
  // Pages of their own, as the image has.
  for (std::uint64_t a = address_of(image_end); a < image_block + block2; a += page)
    image.at(a, page) = a | data | page_bits;
  const auto last = ram.end() & ~(block1 - 1);
  if (last > first_ram && ram.end() % block1 != 0) level1.at(last, block1) = link_to(ram_last);
  for (std::uint64_t a = ram.base; a < ram.end();) {
    const bool first = a < first_ram + block1;
    if (first || a >= last) {
      if (a != image_block) (first ? ram_first : ram_last).at(a, block2) = a | data | block_bits;
      a += block2;
    } else {
      level1.at(a, block1) = a | data | block_bits;
      a += block1;
    }
  }
  arch::dsb_ishst();
  arch::isb();
}

std::uint64_t stack_end(std::uint32_t cpu_index) { return address_of(boot_stacks[cpu_index]) + STACK_BYTES; }

}  // namespace avz
