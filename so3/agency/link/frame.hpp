// Frames of the link (abi/link.hpp), out of a stream of bytes and into one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "so3/abi/link.hpp"

namespace agency {

using Bytes = std::span<const std::uint8_t>;

struct Request {
  abi::link::Type type;
  std::uint32_t id;
  std::string_view payload;  // of a length its type may have; valid until the decoder's next take()

  // The payload as the structure that its type says it is.
  template <typename T>
    requires std::is_trivially_copyable_v<T>
  T as() const {
    T value{};
    std::memcpy(&value, payload.data(), payload.size() < sizeof value ? payload.size() : sizeof value);
    return value;
  }
};

// Collects what the engine sends. Holds one frame at most; once broken, it takes nothing until reset.
class FrameDecoder {
 public:
  // Takes bytes until a request is complete; returns how many.
  std::size_t take(Bytes bytes);
  // The request that is complete, if any; the next take() begins the next one.
  std::optional<Request> request() const;
  // Which rule a frame broke, or nullptr.
  const char* fault() const { return fault_; }
  void reset();

 private:
  const char* check() const;

  abi::link::Frame header_{};
  std::size_t received_ = 0;  // of header_
  std::string payload_;
  const char* fault_ = nullptr;
};

// Appends a frame; head (a structure of abi/link.hpp) and tail are its payload.
void append_frame(std::string& out, abi::link::Type type, std::uint32_t id, std::string_view head,
                  std::string_view tail = {});

template <typename T>
  requires std::is_trivially_copyable_v<T>
std::string_view raw(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace agency
