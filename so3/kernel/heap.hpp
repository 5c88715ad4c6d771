// A heap by two-level segregated fit (Masmano et al., "TLSF", ECRTS 2004): free blocks in lists by size class, 16 classes
// to a power of two, found through bitmaps. All operations take constant time; neighbours that are free are always one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>

namespace kernel {

enum class HeapFault : std::uint8_t {
  not_a_block,  // never given out, or its header was overwritten
  freed_twice,
  overrun,  // the block was written past its end
};

class Heap {
 public:
  static constexpr std::size_t alignment = 16;
  struct Block;

  // Memory from `begin` to `end`, untouched but for its first and last bytes.
  void init(std::byte* begin, std::byte* end);

  // 16-byte aligned, nullptr when there is no block that large.
  void* allocate(std::size_t bytes);
  // `to` is a power of two.
  [[gnu::cold]] void* allocate_aligned(std::size_t to, std::size_t bytes);
  [[nodiscard]] std::expected<void, HeapFault> release(void* p);
  // The block stays where it is; false: it cannot have that size there.
  [[nodiscard, gnu::cold]] std::expected<bool, HeapFault> resize_in_place(void* p, std::size_t bytes);

  // Bytes the caller may use.
  static std::size_t usable_size(const void* p);

  std::size_t total() const { return total_; }
  std::size_t used() const { return used_; }
  std::size_t largest() const;

  // Walks all blocks: sizes, flags, neighbours, lists. For tests and reports.
  [[gnu::cold]] bool consistent() const;

 private:
  static constexpr unsigned second_log = 4;
  static constexpr unsigned second_count = 1u << second_log;
  static constexpr unsigned linear_log = 8;  // below 256 bytes: one class per 16 bytes
  static constexpr unsigned first_count = 40 - linear_log + 1;

  struct Class {
    unsigned first, second;
  };
  static Class class_of(std::size_t size);
  static std::size_t round_to_class(std::size_t size);

  void insert(Block& b);
  void remove(Block& b);
  Block* find(std::size_t size);
  void* take(Block& b, std::size_t size);
  void give_back_tail(Block& b, std::size_t size);
  static std::expected<Block*, HeapFault> checked(void* p);

  std::uint64_t first_map_ = 0;
  std::uint32_t second_map_[first_count] = {};
  Block* lists_[first_count][second_count] = {};
  std::byte* begin_ = nullptr;
  std::size_t total_ = 0;
  std::size_t used_ = 0;
};

}  // namespace kernel
