// EL2 maps RAM one to one.
#pragma once
#include <cstdint>

namespace arch {

template <typename T>
T* physical(std::uint64_t address) {
  return reinterpret_cast<T*>(address);
}

inline std::uint64_t physical_address(const void* p) { return reinterpret_cast<std::uint64_t>(p); }

// One instruction per 64 bytes or more; the page is Normal memory, so DC ZVA is allowed.
inline void clear_page(void* page) {
  std::uint64_t id;
  asm("mrs %0, dczid_el0" : "=r"(id));
  const std::uint64_t step = std::uint64_t{4} << (id & 0xf);
  auto at = reinterpret_cast<std::uint64_t>(page);
  for (const auto end = at + 4096; at < end; at += step) asm volatile("dc zva, %0" : : "r"(at) : "memory");
}

inline void copy_bytes(void* to, const void* from, std::uint64_t bytes) { __builtin_memcpy(to, from, bytes); }

// Both aligned to 8 bytes. Two instructions for 16 bytes, and few besides.
inline void copy_page(void* to, const void* from) {
  auto* end = static_cast<const char*>(from) + 4096;
  asm volatile(
      "1: ldp x9, x10, [%1]\n ldp x11, x12, [%1, #16]\n ldp x13, x14, [%1, #32]\n ldp x15, x16, [%1, #48]\n"
      "stp x9, x10, [%0]\n stp x11, x12, [%0, #16]\n stp x13, x14, [%0, #32]\n stp x15, x16, [%0, #48]\n"
      "ldp x9, x10, [%1, #64]\n ldp x11, x12, [%1, #80]\n ldp x13, x14, [%1, #96]\n ldp x15, x16, [%1, #112]\n"
      "add %1, %1, #128\n"
      "stp x9, x10, [%0, #64]\n stp x11, x12, [%0, #80]\n stp x13, x14, [%0, #96]\n stp x15, x16, [%0, #112]\n"
      "add %0, %0, #128\n cmp %1, %2\n b.ne 1b"
      : "+r"(to), "+r"(from)
      : "r"(end)
      : "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "cc", "memory");
}

// What was written to these bytes is in memory, and in no cache: a domain whose MMU is off goes past the caches, and
// would find there what the page held before, perhaps another domain's (Arm ARM D7.5, B2.8). Waits until it is done.
inline void clean_to_memory(const void* from, std::uint64_t bytes) {
  std::uint64_t ctr;
  asm("mrs %0, ctr_el0" : "=r"(ctr));
  const std::uint64_t line = std::uint64_t{4} << ((ctr >> 16) & 0xf);
  const auto begin = reinterpret_cast<std::uint64_t>(from);
  for (auto at = begin & ~(line - 1); at < begin + bytes; at += line)
    asm volatile("dc civac, %0" : : "r"(at) : "memory");
  asm volatile("dsb sy" : : : "memory");
}

// What was cleaned to memory before can be fetched as instructions by any CPU.
inline void forget_instructions() { asm volatile("ic ialluis\n\tdsb ish\n\tisb" : : : "memory"); }

}  // namespace arch
