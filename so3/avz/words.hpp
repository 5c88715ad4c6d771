// Runs of a few registers, in line: calls of memcpy and memset would cost more than the work.
#pragma once
#include <cstdint>

namespace avz {

template <unsigned Count>
[[gnu::always_inline]] inline void copy_words(std::uint64_t* to, const std::uint64_t* from) {
  std::uint64_t w[Count];
#pragma GCC unroll 32
  for (unsigned i = 0; i < Count; i++) w[i] = from[i];
#pragma GCC unroll 32
  for (unsigned i = 0; i < Count; i++) to[i] = w[i];
}

template <unsigned Count>
[[gnu::always_inline]] inline void clear_words(std::uint64_t* to) {
#pragma GCC unroll 32
  for (unsigned i = 0; i < Count; i++) to[i] = 0;
}

}  // namespace avz
