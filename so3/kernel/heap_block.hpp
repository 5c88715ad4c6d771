// How the heap sees its memory: blocks one after the other.
#pragma once
#include <cstddef>
#include <cstdint>

#include "so3/kernel/heap.hpp"

namespace kernel {

// A block begins 8 bytes before a multiple of 16, so that what the caller gets is aligned. A free block also has links
// and, in its last 8 bytes, its size, by which the next block finds its beginning.
struct Heap::Block {
  std::uint64_t header;  // size, flags, and a mark in the upper bits that depends on the address
  Block* next_free;
  union {
    Block* previous_free;
    std::uint64_t depth;  // of a kept block: with those below it
  };

  static constexpr std::uint64_t free_flag = 1;
  static constexpr std::uint64_t previous_free_flag = 2;
  static constexpr std::uint64_t kept_flag = 4;  // freed, and kept as it is for the next of its size (small_blocks.hpp)
  static constexpr std::uint64_t size_mask = 0x0000'00ff'ffff'fff0;
  static constexpr unsigned mark_shift = 48;
  static constexpr std::size_t header_bytes = sizeof(std::uint64_t);
  static constexpr std::size_t size_min = 32;

  // Of a block for so many bytes; 0: more than any heap has.
  static constexpr std::size_t size_for(std::size_t bytes) {
    if (bytes > (std::size_t{1} << 39)) return 0;
    const std::size_t size = (bytes + header_bytes + 15) & ~std::size_t{15};
    return size < size_min ? size_min : size;
  }

  std::uint64_t address() const { return reinterpret_cast<std::uint64_t>(this); }
  std::uint64_t mark() const { return ((address() >> 3) ^ 0x5a3c) << mark_shift; }
  bool genuine() const { return header >> mark_shift == mark() >> mark_shift; }

  std::size_t size() const { return header & size_mask; }
  bool was_freed() const { return (header & (free_flag | kept_flag)) != 0; }
  bool is_free() const { return (header & free_flag) != 0; }
  bool previous_is_free() const { return (header & previous_free_flag) != 0; }
  void set(std::size_t size, std::uint64_t flags) { header = mark() | size | flags; }

  Block& at(std::size_t offset) { return *reinterpret_cast<Block*>(reinterpret_cast<std::byte*>(this) + offset); }
  Block& next() { return at(size()); }
  const Block& next() const { return const_cast<Block*>(this)->next(); }
  Block& previous() { return *reinterpret_cast<Block*>(reinterpret_cast<std::byte*>(this) - *footer_before()); }
  std::uint64_t* footer_before() { return &header - 1; }

  // Free, and known as such to the block after it, which must be genuine.
  void make_free(std::size_t size) {
    set(size, free_flag | (header & previous_free_flag));
    Block& after = at(size);
    *after.footer_before() = size;
    after.header |= previous_free_flag;
  }

  void* payload() { return reinterpret_cast<std::byte*>(this) + header_bytes; }
  // Given out as p, and neither freed nor overrun since.
  static bool in_use(void* p) {
    if (reinterpret_cast<std::uintptr_t>(p) % alignment != 0) return false;
    Block& b = of(p);
    return b.genuine() && !b.was_freed() && b.next().genuine();
  }
  static Block& of(void* p) { return *reinterpret_cast<Block*>(static_cast<std::byte*>(p) - header_bytes); }
};

}  // namespace kernel
