// Physical memory of a test: an array that the test hands over, seen from an invented base address.
#pragma once
#include <cassert>
#include <cstdint>
#include <cstring>
#include <functional>

namespace arch {

struct HostMemory {
  std::uint8_t* bytes = nullptr;
  std::uint64_t base = 0, size = 0;
};
inline HostMemory host_memory;

template <typename T>
T* physical(std::uint64_t address) {
  assert(address >= host_memory.base && address - host_memory.base < host_memory.size);
  return reinterpret_cast<T*>(host_memory.bytes + (address - host_memory.base));
}

inline std::uint64_t physical_address(const void* p) {
  const auto offset = static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(p) - host_memory.bytes);
  assert(offset < host_memory.size);
  return host_memory.base + offset;
}

inline void clear_page(void* page) { std::memset(page, 0, 4096); }
inline void copy_page(void* to, const void* from) { std::memcpy(to, from, 4096); }
inline void copy_bytes(void* to, const void* from, std::uint64_t bytes) { std::memcpy(to, from, bytes); }
// For tests: the memory of caches is where it was cleaned to last.
inline std::function<void(const void*, std::uint64_t)> on_clean;
inline void clean_to_memory(const void* from, std::uint64_t bytes) {
  if (on_clean) on_clean(from, bytes);
}
// And what was fetched as instructions is remembered until this.
inline std::function<void()> on_forget_instructions;
inline void forget_instructions() {
  if (on_forget_instructions) on_forget_instructions();
}

}  // namespace arch
