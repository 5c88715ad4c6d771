// The map of so3/abi/layout.hpp: W^X for the image, no execution elsewhere, guard pages under the stacks.
// arch_build_tables runs with the MMU off: this file is compiled with -mstrict-align and calls nothing of the C library.
#include "so3/arch/address_space.hpp"

#include <malloc.h>

#include "so3/abi/layout.hpp"
#include "so3/arch/arm64/barrier.hpp"
#include "so3/arch/arm64/el1/layout.hpp"
#include "so3/arch/arm64/registers.hpp"
#include "so3/kernel/shared.hpp"

namespace arch {
namespace {

// Tables come from RAM right behind the image until the heap exists, then from the heap.
// All state here lives in .data, not in .bss, which start.S clears after the tables are built.
[[gnu::section(".data")]] constinit std::byte* boot_tables = nullptr;
[[gnu::section(".data")]] constinit bool heap_is_up = false;

void* table_source(void*) {
  if (heap_is_up) return memalign(PageTable::page, PageTable::page);
  std::byte* const t = boot_tables;
  boot_tables += PageTable::page;
  return t;
}

[[gnu::section(".data")]] constinit PageTable table{table_source, nullptr};

std::uint64_t address(const std::byte* p) { return reinterpret_cast<std::uint64_t>(p); }

[[gnu::section(".data")]] constinit bool ok = true;
void must(const MapResult& r) {
  if (!r) ok = false;
}

void map(const std::byte* from, const std::byte* to, Access access) {
  must(table.map(address(from), static_cast<std::uint64_t>(to - from), {access}));
}

std::uint64_t round_up_page(std::uint64_t v) { return (v + PageTable::page - 1) & ~(PageTable::page - 1); }

// On all CPUs: a domcall runs with these tables on another one.
void flush_tlb() {
  dsb_ishst();
  asm volatile("tlbi vmalle1is" : : : "memory");
  dsb_ish();
  isb();
}

}  // namespace

void replace_live(std::uint64_t& descriptor, std::uint64_t to) {
  const auto flags = read_register(daif);
  asm volatile(
      "msr daifset, #2\n"
      "str xzr, [%0]\n"
      "dsb ishst\n"
      "tlbi vmalle1is\n"
      "dsb ish\n"
      "str %1, [%0]\n"
      "dsb ishst\n"
      "isb\n"
      "msr daif, %2"
      :
      : "r"(&descriptor), "r"(to), "r"(flags)
      : "memory");
}

// For start.S, in x0 and x1.
struct BootTables {
  std::uint64_t root;
  const std::byte* end;
};

extern "C" BootTables arch_build_tables() {
  const auto& shared = kernel::shared();
  boot_tables = so3_memory_end;
  ok = table.create();
  must(table.map(abi::shared_page_ipa, abi::page_size, {Access::read_write}));
  const bool agency = shared.slot == abi::agency_domain;
  if (agency) {
    must(
        table.map(abi::agency_grant_window_ipa, abi::agency_grant_window_pages * abi::page_size, {Access::read_write}));
  } else {
    must(table.map(abi::store_page_ipa, abi::page_size, {Access::read_write}));
    must(table.map(abi::grant_window_ipa, abi::grant_window_pages * abi::page_size, {Access::read_write}));
  }
  map(so3_image_start, so3_text_end, Access::execute);
  map(so3_rodata_start, so3_rodata_end, Access::read);
  const std::uint64_t data = address(so3_data_start);
  must(table.map(data, abi::ram_ipa + shared.ram_size - data, {Access::read_write}));
  for (std::byte* guard : {so3_interrupt_guard, so3_boot_guard, so3_domcall_guard})
    map(guard, guard + PageTable::page, Access::none);
  if (shared.dtb_size != 0)
    must(table.map(shared.dtb_ipa & ~(PageTable::page - 1),
                   round_up_page(shared.dtb_size + shared.dtb_ipa % PageTable::page), {Access::read}));
  while (!ok) wfi();  // no console yet; cannot happen with a ram_size that avz accepts
  return {table.root(), boot_tables};
}

MapResult map_device(std::uint64_t at, std::uint64_t size) {
  auto r = table.map(at, size, {Access::read_write, MemoryType::device});
  flush_tlb();
  return r;
}

MapResult map_normal(std::uint64_t at, std::uint64_t size) {
  auto r = table.map(at, size, {Access::read_write, MemoryType::normal});
  flush_tlb();
  return r;
}

MapResult guard_page(std::byte* page) {
  auto r = table.map(address(page), PageTable::page, {Access::none});
  flush_tlb();
  return r;
}

void unguard_page(std::byte* page) {
  static_cast<void>(table.map(address(page), PageTable::page, {Access::read_write}));  // its table exists already
  dsb_ishst();
  isb();
}

std::optional<Attributes> lookup(std::uint64_t at) { return table.lookup(at); }

MemoryRange heap_range() {
  const auto& shared = kernel::shared();
  std::uint64_t end = abi::ram_ipa + shared.ram_size;
  for (const std::uint64_t reserved : {shared.dtb_ipa, shared.ramfs_ipa})
    if (reserved >= address(boot_tables) && reserved < end) end = reserved;
  heap_is_up = true;
  return {boot_tables, reinterpret_cast<std::byte*>(end & ~(PageTable::page - 1))};
}

}  // namespace arch
