// XXH3, 128 bits, in its canonical form, of a stream in pieces.
#pragma once
#include <array>
#include <cstddef>
#include <span>

namespace snapshot {

using Bytes = std::span<const std::byte>;

class Digest {
 public:
  using Value = std::array<std::byte, 16>;

  Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  void add(Bytes bytes);
  Value value() const;  // of all that was added

 private:
  static constexpr std::size_t state_size = 576, state_alignment = 64;
  void* state();
  const void* state() const;

  // Aligned by hand: owners need not be, and heaps give less.
  std::array<std::byte, state_size + state_alignment> storage_;
};

}  // namespace snapshot
