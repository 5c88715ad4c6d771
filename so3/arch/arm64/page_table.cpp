#include "so3/arch/arm64/page_table.hpp"

namespace arch {
namespace {

// VMSAv8-64 stage-1 descriptors (Arm ARM D8.3).
constexpr std::uint64_t valid = 1;
constexpr std::uint64_t table_or_page = 2;
constexpr std::uint64_t device_attributes = 0 << 2;  // indices into MAIR_EL1, see mmu.S
constexpr std::uint64_t normal_attributes = 1 << 2;
constexpr std::uint64_t read_only = 1 << 7;
constexpr std::uint64_t inner_shareable = 3 << 8;
constexpr std::uint64_t accessed = 1 << 10;
constexpr std::uint64_t pxn = std::uint64_t{1} << 53;
constexpr std::uint64_t uxn = std::uint64_t{1} << 54;
constexpr std::uint64_t address_mask = 0x0000'ffff'ffff'f000;

constexpr unsigned leaf_level = 3;
constexpr unsigned first_level = 1;

constexpr unsigned shift(unsigned level) { return 12 + 9 * (leaf_level - level); }
constexpr unsigned index(std::uint64_t address, unsigned level) { return (address >> shift(level)) & 511; }

constexpr std::uint64_t bits_of(Attributes a) {
  std::uint64_t d = valid | accessed | uxn;
  d |= a.type == MemoryType::device ? device_attributes : normal_attributes | inner_shareable;
  if (a.access != Access::read_write) d |= read_only;
  if (a.access != Access::execute) d |= pxn;
  return d;
}

constexpr std::uint64_t leaf(std::uint64_t address, unsigned level, Attributes a) {
  if (a.access == Access::none) return 0;
  return address | bits_of(a) | (level == leaf_level ? table_or_page : 0);
}

constexpr bool is_table(std::uint64_t d, unsigned level) {
  return level < leaf_level && (d & (valid | table_or_page)) == (valid | table_or_page);
}

std::uint64_t* table_at(std::uint64_t d) { return reinterpret_cast<std::uint64_t*>(d & address_mask); }

void set(std::uint64_t& descriptor, std::uint64_t to) { const_cast<volatile std::uint64_t&>(descriptor) = to; }

}  // namespace

std::uint64_t* PageTable::new_table() {
  auto* t = static_cast<std::uint64_t*>(source_(context_));
  if (t != nullptr)
    for (unsigned i = 0; i < 512; ++i) set(t[i], 0);
  return t;
}

bool PageTable::create() {
  root_ = new_table();
  return root_ != nullptr;
}

// The table that a descriptor of `level` points to; made on demand, with what the descriptor mapped before.
std::uint64_t* PageTable::table_below(std::uint64_t& descriptor, unsigned level) {
  if (is_table(descriptor, level)) return table_at(descriptor);
  std::uint64_t* t = new_table();
  if (t == nullptr) return nullptr;
  if ((descriptor & valid) != 0)
    for (unsigned i = 0; i < 512; ++i)
      set(t[i], (descriptor + (std::uint64_t{i} << shift(level + 1))) | (level + 1 == leaf_level ? table_or_page : 0));
  replace_live(descriptor, reinterpret_cast<std::uint64_t>(t) | valid | table_or_page);
  return t;
}

MapResult PageTable::map(std::uint64_t address, std::uint64_t size, Attributes attributes) {
  if (address % page != 0 || size % page != 0) return std::unexpected{MapError::misaligned};
  if (address > address_limit || size > address_limit - address) return std::unexpected{MapError::out_of_range};
  const std::uint64_t end = address + size;
  while (address < end) {
    std::uint64_t* const level2 = table_below(root_[index(address, first_level)], first_level);
    if (level2 == nullptr) return std::unexpected{MapError::no_memory};
    std::uint64_t& d2 = level2[index(address, 2)];
    if (address % block == 0 && end - address >= block && !is_table(d2, 2)) {
      set(d2, leaf(address, 2, attributes));
      address += block;
      continue;
    }
    std::uint64_t* const level3 = table_below(d2, 2);
    if (level3 == nullptr) return std::unexpected{MapError::no_memory};
    set(level3[index(address, leaf_level)], leaf(address, leaf_level, attributes));
    address += page;
  }
  return {};
}

std::optional<Attributes> PageTable::lookup(std::uint64_t address) const {
  if (address >= address_limit) return std::nullopt;
  const std::uint64_t* table = root_;
  for (unsigned level = first_level;; ++level) {
    const std::uint64_t d = table[index(address, level)];
    if (is_table(d, level)) {
      table = table_at(d);
      continue;
    }
    if ((d & valid) == 0 || (level == leaf_level) != ((d & table_or_page) != 0)) return std::nullopt;
    const auto type = (d & normal_attributes) != 0 ? MemoryType::normal : MemoryType::device;
    if ((d & pxn) == 0) return Attributes{Access::execute, type};
    return Attributes{(d & read_only) != 0 ? Access::read : Access::read_write, type};
  }
}

}  // namespace arch
