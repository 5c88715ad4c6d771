#include "so3/kernel/heap.hpp"

#include <bit>

#include "so3/kernel/heap_block.hpp"

namespace kernel {

namespace {

constexpr unsigned top_bit(std::uint64_t v) { return 63 - static_cast<unsigned>(std::countl_zero(v)); }

}  // namespace

inline Heap::Class Heap::class_of(std::size_t size) {
  if (size < (1u << linear_log)) return {0, static_cast<unsigned>(size >> 4)};
  const unsigned top = top_bit(size);
  return {top - linear_log + 1, static_cast<unsigned>(size >> (top - second_log)) & (second_count - 1)};
}

// The smallest size of which every block in its class, or a larger one, is large enough.
inline std::size_t Heap::round_to_class(std::size_t size) {
  if (size < (1u << linear_log)) return size;
  return size + (std::size_t{1} << (top_bit(size) - second_log)) - 1;
}

inline void Heap::insert(Block& b) {
  const Class c = class_of(b.size());
  Block*& first = lists_[c.first][c.second];
  b.next_free = first;
  b.previous_free = nullptr;
  if (first != nullptr) first->previous_free = &b;
  first = &b;
  second_map_[c.first] |= 1u << c.second;
  first_map_ |= std::uint64_t{1} << c.first;
}

inline void Heap::remove(Block& b) {
  Block* const next = b.next_free;
  Block* const previous = b.previous_free;
  if (next != nullptr) next->previous_free = previous;
  if (previous != nullptr) {
    previous->next_free = next;
    return;
  }
  const Class c = class_of(b.size());
  lists_[c.first][c.second] = next;
  if (next != nullptr) return;
  second_map_[c.first] &= ~(1u << c.second);
  if (second_map_[c.first] == 0) first_map_ &= ~(std::uint64_t{1} << c.first);
}

inline Heap::Block* Heap::find(std::size_t size) {
  const Class c = class_of(round_to_class(size));
  std::uint32_t seconds = second_map_[c.first] & (~0u << c.second);
  unsigned first = c.first;
  if (seconds == 0) {
    const std::uint64_t firsts = first_map_ & (~std::uint64_t{1} << c.first);
    if (firsts == 0) return nullptr;
    first = static_cast<unsigned>(std::countr_zero(firsts));
    seconds = second_map_[first];
  }
  return lists_[first][std::countr_zero(seconds)];
}

void Heap::init(std::byte* begin, std::byte* end) {
  const auto from = (reinterpret_cast<std::uintptr_t>(begin) + alignment - 1) & ~(alignment - 1);
  const auto to = reinterpret_cast<std::uintptr_t>(end) & ~(alignment - 1);
  begin_ = begin + (from - reinterpret_cast<std::uintptr_t>(begin)) + Block::header_bytes;
  total_ = to - from - 2 * Block::header_bytes;  // the gap before the first header, and the end mark
  auto& whole = *reinterpret_cast<Block*>(begin_);
  Block& last = whole.at(total_);
  last.set(0, 0);  // never free, so nothing merges with what lies behind
  whole.set(total_, 0);
  whole.make_free(total_);
  insert(whole);
}

// Splits off what is too much of an unlisted block and marks it used.
inline void* Heap::take(Block& b, std::size_t size) {
  const std::size_t whole = b.size();
  const std::uint64_t previous = b.header & Block::previous_free_flag;
  if (whole - size >= Block::size_min) {
    b.set(size, previous);
    Block& rest = b.at(size);
    rest.set(whole - size, Block::free_flag);
    *rest.at(whole - size).footer_before() = whole - size;
    insert(rest);
    used_ += size;
  } else {
    b.set(whole, previous);
    b.at(whole).header &= ~Block::previous_free_flag;
    used_ += whole;
  }
  return b.payload();
}

void* Heap::allocate(std::size_t bytes) {
  const std::size_t size = Block::size_for(bytes);
  if (size == 0) return nullptr;
  Block* const b = find(size);
  if (b == nullptr) return nullptr;
  remove(*b);
  return take(*b, size);
}

void* Heap::allocate_aligned(std::size_t to, std::size_t bytes) {
  if (to <= alignment) return allocate(bytes);
  const std::size_t size = Block::size_for(bytes);
  if (size == 0 || to > (std::size_t{1} << 39)) return nullptr;
  Block* b = find(size + to + Block::size_min);
  if (b == nullptr) return nullptr;
  remove(*b);
  const auto payload = reinterpret_cast<std::uint64_t>(b->payload());
  std::uint64_t aligned = (payload + to - 1) & ~(std::uint64_t{to} - 1);
  if (aligned != payload && aligned - payload < Block::size_min) aligned += to;
  if (const std::size_t gap = aligned - payload; gap != 0) {
    Block& lead = *b;
    const std::size_t whole = b->size();
    b = &lead.at(gap);
    b->set(whole - gap, 0);
    lead.make_free(gap);
    insert(lead);
  }
  return take(*b, size);
}

inline std::expected<Heap::Block*, HeapFault> Heap::checked(void* p) {
  if (reinterpret_cast<std::uintptr_t>(p) % alignment != 0) return std::unexpected{HeapFault::not_a_block};
  Block& b = Block::of(p);
  if (!b.genuine()) return std::unexpected{HeapFault::not_a_block};
  if (b.was_freed()) return std::unexpected{HeapFault::freed_twice};
  if (!b.next().genuine()) return std::unexpected{HeapFault::overrun};
  return &b;
}

std::expected<void, HeapFault> Heap::release(void* p) {
  const auto found = checked(p);
  if (!found) [[unlikely]]
    return std::unexpected{found.error()};
  Block* b = *found;
  std::size_t size = b->size();
  used_ -= size;
  b->header |= Block::free_flag;  // stays after merging, to know a second free
  if (Block& after = b->at(size); after.is_free()) {
    remove(after);
    size += after.size();
  }
  if (b->previous_is_free()) {
    b = &b->previous();
    remove(*b);
    size += b->size();
  }
  b->make_free(size);
  insert(*b);
  return {};
}

std::expected<bool, HeapFault> Heap::resize_in_place(void* p, std::size_t bytes) {
  const auto found = checked(p);
  if (!found) return std::unexpected{found.error()};
  Block& b = **found;
  const std::size_t size = Block::size_for(bytes);
  if (size == 0) return false;
  const std::size_t now = b.size();
  std::size_t whole = now;
  if (Block& after = b.next(); after.is_free()) whole += after.size();
  if (whole < size) return false;
  if (whole != now) {
    remove(b.next());
    b.set(whole, b.header & Block::previous_free_flag);
  }
  used_ -= now;
  b.at(whole).header &= ~Block::previous_free_flag;
  if (whole - size >= Block::size_min) b.at(whole).header |= Block::previous_free_flag;
  take(b, size);
  return true;
}

std::size_t Heap::usable_size(const void* p) { return Block::of(const_cast<void*>(p)).size() - Block::header_bytes; }

std::size_t Heap::largest() const {
  if (first_map_ == 0) return 0;
  const unsigned first = top_bit(first_map_);
  std::size_t best = 0;
  for (const Block* b = lists_[first][top_bit(second_map_[first])]; b != nullptr; b = b->next_free)
    if (b->size() > best) best = b->size();
  return best - Block::header_bytes;
}

bool Heap::consistent() const {
  std::size_t used = 0;
  std::size_t free_blocks = 0;
  bool previous_free = false;
  const auto* b = reinterpret_cast<const Block*>(begin_);
  for (std::size_t left = total_; left != 0;) {
    const std::size_t size = b->size();
    if (!b->genuine() || size < Block::size_min || size > left || b->previous_is_free() != previous_free) return false;
    if (b->is_free() && previous_free) return false;
    previous_free = b->is_free();
    free_blocks += previous_free ? 1 : 0;
    if (!previous_free) used += size;
    left -= size;
    b = &b->next();
  }
  if (!b->genuine() || b->size() != 0 || used != used_) return false;
  std::size_t listed = 0;
  for (unsigned f = 0; f < first_count; ++f)
    for (unsigned s = 0; s < second_count; ++s)
      for (const Block* l = lists_[f][s]; l != nullptr; l = l->next_free) {
        const Class c = class_of(l->size());
        if (!l->is_free() || c.first != f || c.second != s) return false;
        ++listed;
      }
  return listed == free_blocks;
}

}  // namespace kernel
