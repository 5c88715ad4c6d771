// Descriptors of stage 2 (Arm ARM D8.3): 4 KB granule, 39-bit IPA, three levels from level 1.
#pragma once
#include <cstdint>

#include "so3/abi/layout.hpp"

namespace avz {

inline constexpr unsigned ipa_bits = 39;
inline constexpr unsigned stage2_levels = 3;  // 1, 2, 3
inline constexpr std::uint64_t table_entries = abi::page_size / sizeof(std::uint64_t);
inline constexpr std::uint64_t block_size = abi::page_size * table_entries;  // a leaf of level 2

constexpr std::uint64_t table_index(std::uint64_t ipa, unsigned level) {
  return (ipa >> (12 + 9 * (3 - level))) % table_entries;
}

static_assert(table_entries == 512 && block_size == 2 << 20);
static_assert(12 + 9 * stage2_levels == ipa_bits, "one root table covers exactly the IPA space");
static_assert(abi::domain_base < std::uint64_t{1} << ipa_bits);
static_assert(abi::ram_ipa % block_size == 0);

// What a domain may do with a page, and how it is cached.
enum class Access : std::uint8_t {
  ram,        // read, write, execute: the domain's own kernel decides (W^X in its stage 1)
  data,       // read, write
  read_only,  // read
  frozen,     // read, execute: RAM that a snapshot must have before it may be written
  device,     // read, write; nGnRE
};

class Stage2Entry {
 public:
  constexpr Stage2Entry() = default;
  constexpr explicit Stage2Entry(std::uint64_t raw) : raw_{raw} {}

  static constexpr Stage2Entry table(std::uint64_t address) { return Stage2Entry{address | 0b11}; }
  static constexpr Stage2Entry page(std::uint64_t address, Access access) {
    return Stage2Entry{address | attributes(access) | 0b11};
  }
  static constexpr Stage2Entry block(std::uint64_t address, Access access) {
    return Stage2Entry{address | attributes(access) | 0b01};
  }

  constexpr bool valid() const { return (raw_ & 1) != 0; }
  constexpr bool is_table(unsigned level) const { return level < 3 && (raw_ & 0b11) == 0b11; }
  constexpr std::uint64_t address() const { return raw_ & address_mask; }
  constexpr bool writable() const { return (raw_ & write) != 0; }
  constexpr Stage2Entry without_write() const { return Stage2Entry{raw_ & ~write}; }
  constexpr Stage2Entry with_write() const { return Stage2Entry{raw_ | write}; }
  constexpr bool executable() const { return (raw_ & execute_never) == 0; }
  constexpr std::uint64_t raw() const { return raw_; }
  constexpr bool operator==(const Stage2Entry&) const = default;

 private:
  static constexpr std::uint64_t address_mask = ((std::uint64_t{1} << 48) - 1) & ~(abi::page_size - 1);
  static constexpr std::uint64_t device_ngnre = 0b0001 << 2, normal_write_back = 0b1111 << 2;
  static constexpr std::uint64_t read = 1 << 6, write = 1 << 7;
  static constexpr std::uint64_t inner_shareable = 3 << 8, access_flag = 1 << 10;
  static constexpr std::uint64_t execute_never = std::uint64_t{1} << 54;

  static constexpr std::uint64_t attributes(Access access) {
    constexpr std::uint64_t memory = normal_write_back | read | inner_shareable | access_flag;
    switch (access) {
      case Access::ram: return memory | write;
      case Access::data: return memory | write | execute_never;
      case Access::read_only: return memory | execute_never;
      case Access::frozen: return memory;
      case Access::device: return device_ngnre | read | write | inner_shareable | access_flag | execute_never;
    }
    return 0;
  }

  std::uint64_t raw_ = 0;
};
static_assert(sizeof(Stage2Entry) == 8);
static_assert(!Stage2Entry::page(0, Access::read_only).writable() && !Stage2Entry::page(0, Access::data).executable());

}  // namespace avz
