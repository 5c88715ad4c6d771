// Small blocks that were freed, kept as they are for the next request of their size: most requests are served, and most
// frees end, here, without splitting and merging in the heap. Of each size a few are kept; the heap gets them back when it
// has nothing else for a request.
#pragma once
#include "so3/kernel/heap.hpp"
#include "so3/kernel/heap_block.hpp"

namespace kernel {

class SmallBlocks {
 public:
  // nullptr: none of that size is kept, ask the heap.
  void* take(std::size_t bytes) {
    if (bytes > size_max - Heap::Block::header_bytes) return nullptr;
    Heap::Block*& kept = kept_[Heap::Block::size_for(bytes) / Heap::alignment];
    Heap::Block* const b = kept;
    if (b == nullptr) return nullptr;
    kept = b->next_free;
    b->header &= ~Heap::Block::kept_flag;
    return b->payload();
  }

  // False: not kept, for its size or because it is no block in use; give it to the heap, which says what is wrong.
  [[nodiscard]] bool keep(void* p) {
    if (!Heap::Block::in_use(p)) return false;
    Heap::Block& b = Heap::Block::of(p);
    const std::size_t size = b.size();
    if (size > size_max) return false;
    Heap::Block*& kept = kept_[size / Heap::alignment];
    const std::uint64_t depth = kept != nullptr ? kept->depth + 1 : 1;
    if (depth > depth_max) return false;
    b.header |= Heap::Block::kept_flag;
    b.next_free = kept;
    b.depth = depth;
    kept = &b;
    return true;
  }

  // All to the heap. False: nothing was kept.
  bool give_back(Heap& heap) {
    bool any = false;
    for (Heap::Block*& kept : kept_)
      while (Heap::Block* const b = kept) {
        any = true;
        kept = b->next_free;
        b->header &= ~Heap::Block::kept_flag;
        static_cast<void>(heap.release(b->payload()));  // it was checked on its way in
      }
    return any;
  }

 private:
  static constexpr std::size_t size_max = 512;  // of a block, with its header
  static constexpr std::uint64_t depth_max = 8;

  Heap::Block* kept_[size_max / Heap::alignment + 1] = {};
};

}  // namespace kernel
