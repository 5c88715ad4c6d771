// The ChaCha20 block function (RFC 8439, 2.3): entropy of one domain tells nothing about that of another.
#pragma once
#include <array>
#include <bit>
#include <cstdint>

namespace avz {

constexpr std::array<std::uint32_t, 16> chacha20_block(const std::array<std::uint32_t, 8>& key, std::uint32_t counter,
                                                       const std::array<std::uint32_t, 3>& nonce) {
  const std::array<std::uint32_t, 16> start = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[0], key[1],
                                               key[2],     key[3],     key[4],     key[5],     key[6], key[7],
                                               counter,    nonce[0],   nonce[1],   nonce[2]};
  auto x = start;
  const auto quarter = [&x](int a, int b, int c, int d) {
    x[a] += x[b], x[d] = std::rotl(x[d] ^ x[a], 16);
    x[c] += x[d], x[b] = std::rotl(x[b] ^ x[c], 12);
    x[a] += x[b], x[d] = std::rotl(x[d] ^ x[a], 8);
    x[c] += x[d], x[b] = std::rotl(x[b] ^ x[c], 7);
  };
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < 4; i++) quarter(i, 4 + i, 8 + i, 12 + i);
    for (int i = 0; i < 4; i++) quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
  }
  for (int i = 0; i < 16; i++) x[i] += start[i];
  return x;
}

}  // namespace avz
