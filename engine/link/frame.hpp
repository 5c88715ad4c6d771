// Frames of the link (so3/abi/link.hpp) to and from a stream of bytes. The guest's bytes are not trusted.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/error.hpp"
#include "so3/abi/link.hpp"

namespace engine::link {

using Bytes = std::vector<std::uint8_t>;

struct Frame {
  abi::link::Type type;
  std::uint32_t id;
  Bytes payload;
};

// Splits what the agency sends into frames. Memory is bounded by one frame and one read.
class FrameReader {
 public:
  void feed(std::span<const std::uint8_t> bytes);

  // The next whole frame, nothing when more bytes are needed, or the rule that the stream broke; after
  // that the reader is of no more use, as there is no way to find the next frame.
  [[nodiscard]] Result<std::optional<Frame>> next();

 private:
  Bytes buffer_;
  std::size_t start_ = 0;
};

[[nodiscard]] Bytes encode(abi::link::Type type, std::uint32_t id, std::span<const std::uint8_t> payload);

template <class T>
[[nodiscard]] std::span<const std::uint8_t> bytes_of(const T& value) {
  static_assert(std::has_unique_object_representations_v<T> || std::is_same_v<T, char>, "padding would leak");
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

}  // namespace engine::link
