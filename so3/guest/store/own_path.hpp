// Paths of an ME's own part of the store (abi/vbstore.hpp), which have its slot in them, when it gets another slot.
#pragma once
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "so3/abi/vbstore.hpp"

namespace guest {

struct Move {
  std::uint32_t from = 0, to = 0;  // slots
  explicit operator bool() const { return from != to; }
};

struct Digits {
  explicit Digits(std::uint64_t number)
      : size{static_cast<std::size_t>(std::to_chars(text, text + sizeof text, number).ptr - text)} {}
  operator std::string_view() const { return {text, size}; }
  char text[20];
  std::size_t size;
};

// The component of `path` that is a slot; empty if it has none.
constexpr std::string_view slot_component(std::string_view path) {
  constexpr std::string_view device{"device/"}, identity{"soo/me/"}, backend{"backend/"};
  std::size_t at = 0;
  if (path.starts_with(device)) at = device.size();
  else if (path.starts_with(identity)) at = identity.size();
  else if (path.starts_with(backend)) at = path.find('/', backend.size()) + 1;  // 0 when there is none
  return at == 0 ? std::string_view{} : path.substr(at, path.substr(at).find('/'));
}

// A path, and the same after a move: "device/2/x" -> "device/7/x". Others, and what would become too long, stay.
class MovedPath {
 public:
  MovedPath(std::string_view path, Move move) : view_{path} {
    const std::string_view slot = slot_component(path);
    if (slot != Digits{move.from}) return;
    const Digits number{move.to};
    if (path.size() - slot.size() + number.size > abi::vbstore::path_max) return;
    char* out = text_;
    const auto put = [&out](const char* from, const char* to) {
      const auto n = static_cast<std::size_t>(to - from);
      out = static_cast<char*>(std::memcpy(out, from, n)) + n;
    };
    put(path.data(), slot.data());
    put(number.text, number.text + number.size);
    put(slot.data() + slot.size(), path.data() + path.size());
    view_ = {text_, static_cast<std::size_t>(out - text_)};
  }
  MovedPath(const MovedPath&) = delete;
  MovedPath& operator=(const MovedPath&) = delete;
  operator std::string_view() const& { return view_; }
  operator std::string_view() const&& = delete;  // it holds the text

 private:
  std::string_view view_;
  char text_[abi::vbstore::path_max + 1];
};

}  // namespace guest
