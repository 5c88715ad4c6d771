// Paths of an ME's own part of the store (abi/vbstore.hpp), which have its slot in them, when it gets another slot.
#pragma once
#include <cstdint>
#include <string_view>

#include "so3/abi/vbstore.hpp"

namespace guest {

struct Move {
  std::uint32_t from = 0, to = 0;  // slots
  explicit operator bool() const { return from != to; }
};

// A path, and the same after a move: "device/2/x" -> "device/7/x". Others, and what would become too long, stay.
class MovedPath {
 public:
  MovedPath(std::string_view path, Move move);
  MovedPath(const MovedPath&) = delete;
  MovedPath& operator=(const MovedPath&) = delete;
  operator std::string_view() const& { return view_; }
  operator std::string_view() const&& = delete;  // it holds the text

 private:
  std::string_view view_;
  char text_[abi::vbstore::path_max + 1];
};

}  // namespace guest
