// malloc and its kin over the kernel's heap.
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <malloc.h>  // after <cstdlib>: what that declares noexcept, this declares without

#include "so3/arch/address_space.hpp"
#include "so3/kernel/critical.hpp"
#include "so3/kernel/heap.hpp"
#include "so3/kernel/heap_start.hpp"
#include "so3/kernel/include/so3/heap.h"
#include "so3/kernel/include/so3/panic.h"
#include "so3/kernel/small_blocks.hpp"

namespace {

kernel::Heap heap;
kernel::SmallBlocks small_blocks;

[[noreturn, gnu::noinline]] void fault(kernel::HeapFault what, const void* p, const void* caller) {
  const char* const text = what == kernel::HeapFault::freed_twice ? "was freed before"
                           : what == kernel::HeapFault::overrun
                               ? "was written past its end"
                               : "is not a block of the heap, or its header was overwritten";
  panic("heap: the block at %p, freed or resized from %p, %s", p, caller, text);
}

[[gnu::noinline]] void* from_heap(std::size_t bytes) {
  void* const p = heap.allocate(bytes);
  return p != nullptr || !small_blocks.give_back(heap) ? p : heap.allocate(bytes);
}

void* from_heap(std::size_t to, std::size_t bytes) {
  void* const p = heap.allocate_aligned(to, bytes);
  return p != nullptr || !small_blocks.give_back(heap) ? p : heap.allocate_aligned(to, bytes);
}

[[gnu::noinline]] void to_heap(void* p, const void* caller) {
  if (const auto done = heap.release(p); !done) fault(done.error(), p, caller);
}

void* out_of_memory() {
  errno = ENOMEM;
  return nullptr;
}

}  // namespace

namespace kernel {
void start_heap() {
  const auto range = arch::heap_range();
  heap.init(range.begin, range.end);
}
}  // namespace kernel

extern "C" {

void* malloc(std::size_t bytes) {
  kernel::enter_critical();
  void* p = small_blocks.take(bytes);
  if (p == nullptr) [[unlikely]]
    p = from_heap(bytes);
  kernel::leave_critical();
  if (p == nullptr) [[unlikely]]
    return out_of_memory();
  return p;
}

void free(void* p) {
  if (p == nullptr) return;
  kernel::enter_critical();
  if (!small_blocks.keep(p)) [[unlikely]]
    to_heap(p, __builtin_return_address(0));
  kernel::leave_critical();
}

void* calloc(std::size_t count, std::size_t bytes) {
  std::size_t all;
  if (__builtin_mul_overflow(count, bytes, &all)) return out_of_memory();
  void* const p = malloc(all);
  if (p != nullptr) std::memset(p, 0, all);
  return p;
}

void* realloc(void* p, std::size_t bytes) {
  if (p == nullptr) return malloc(bytes);
  kernel::enter_critical();
  const auto done = heap.resize_in_place(p, bytes);
  if (!done) [[unlikely]]
    fault(done.error(), p, __builtin_return_address(0));
  kernel::leave_critical();
  if (*done) return p;
  void* const bigger = malloc(bytes);
  if (bigger == nullptr) return nullptr;
  const std::size_t had = kernel::Heap::usable_size(p);
  std::memcpy(bigger, p, had < bytes ? had : bytes);
  free(p);
  return bigger;
}

void* memalign(std::size_t to, std::size_t bytes) {
  if (to == 0 || (to & (to - 1)) != 0) {
    errno = EINVAL;
    return nullptr;
  }
  kernel::enter_critical();
  void* const p = from_heap(to, bytes);
  kernel::leave_critical();
  return p != nullptr ? p : out_of_memory();
}

void* aligned_alloc(std::size_t to, std::size_t bytes) { return memalign(to, bytes); }

int posix_memalign(void** p, std::size_t to, std::size_t bytes) {
  *p = memalign(to, bytes);
  return *p != nullptr ? 0 : ENOMEM;
}

std::size_t malloc_usable_size(void* p) { return p != nullptr ? kernel::Heap::usable_size(p) : 0; }

void heap_get_info(struct heap_info* info) {
  kernel::CriticalSection critical;
  small_blocks.give_back(heap);
  *info = {.total = heap.total(), .used = heap.used(), .largest = heap.largest()};
}

}  // extern "C"
