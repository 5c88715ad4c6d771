// Fuzzer input as damage to something good: most random bytes are refused at the first field, these go deeper.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fuzz {

// First byte odd: the rest is the file itself. Even: patches of 4 bytes – offset (24 bits, wraps), value – and what
// remains of the last patch, if anything, cuts the file by so many bytes.
inline std::vector<std::byte> damaged(std::span<const std::byte> good, std::span<const std::uint8_t> input) {
  const auto bytes = std::as_bytes(input);
  if (!input.empty() && input[0] % 2 != 0) return {bytes.begin() + 1, bytes.end()};
  std::vector<std::byte> file(good.begin(), good.end());
  std::size_t at = 1;
  for (; at + 4 <= input.size(); at += 4) {
    const std::size_t offset = input[at] | input[at + 1] << 8 | input[at + 2] << 16;
    file[offset % file.size()] = std::byte{input[at + 3]};
  }
  if (at < input.size()) file.resize(file.size() - input[at] % file.size());
  return file;
}

}  // namespace fuzz
