// Words of memory in as few instructions as it takes; calls of memcpy and memset would cost more than the work.
#pragma once
#include <cstddef>
#include <cstdint>

namespace avz {

// words[index], read once and in one piece, as a relaxed atomic would be: of that and of a volatile word GCC computes the
// address first, which a plain one has for nothing.
[[gnu::always_inline]] inline std::uint64_t read_word(const std::uint64_t* words, std::size_t index) {
  asm("" : "+r"(words));
  std::uint64_t word = words[index];
  asm("" : "+r"(word));
  return word;
}

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
