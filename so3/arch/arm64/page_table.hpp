// Stage-1 translation tables of a domain: identity (VA = IPA), 39 bits, 4 KB granule, 2 MB blocks where they fit.
// Pure logic over memory that a source hands out, so the host's tests walk what it builds.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>

namespace arch {

enum class Access : std::uint8_t { none, read, read_write, execute };  // execute: and read; never write
enum class MemoryType : std::uint8_t { device, normal };

struct Attributes {
  Access access;
  MemoryType type = MemoryType::normal;
  friend bool operator==(const Attributes&, const Attributes&) = default;
};

enum class MapError : std::uint8_t { misaligned, out_of_range, no_memory };
using MapResult = std::expected<void, MapError>;

class PageTable {
 public:
  static constexpr std::uint64_t address_limit = std::uint64_t{1} << 39;
  static constexpr std::uint64_t page = 4096;
  static constexpr std::uint64_t block = 512 * page;

  // Gives one page of memory for a table, 4 KB aligned, or nullptr. Its address is its physical address.
  using Source = void* (*)(void* context);

  constexpr PageTable(Source source, void* context) : source_{source}, context_{context} {}

  // False: no memory for the root.
  [[nodiscard]] bool create();
  std::uint64_t root() const { return reinterpret_cast<std::uint64_t>(root_); }

  // Maps, or maps anew, [address, address + size). Access::none unmaps: that is what a guard page is.
  // The caller invalidates the TLB. A block that is in use is replaced by a table in one go (replace_live).
  [[nodiscard]] MapResult map(std::uint64_t address, std::uint64_t size, Attributes attributes);

  // As the hardware would: nullopt where an access faults.
  std::optional<Attributes> lookup(std::uint64_t address) const;

 private:
  std::uint64_t* new_table();
  std::uint64_t* table_below(std::uint64_t& descriptor, unsigned level);

  Source source_;
  void* context_;
  std::uint64_t* root_ = nullptr;
};

// Puts `to` in place of a descriptor that may be in use, with break before make (Arm ARM D8.16). Uses no memory but
// the descriptor's while it is broken: the range it maps may hold the caller's stack.
void replace_live(std::uint64_t& descriptor, std::uint64_t to);

}  // namespace arch
