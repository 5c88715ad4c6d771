#include "so3/agency/transfer/stream_buffer.hpp"

#include <cstring>
#include <new>

namespace agency::transfer {

bool StreamBuffer::reserve(std::size_t bytes) { return bytes <= capacity_ || move_to(bytes); }

bool StreamBuffer::move_to(std::size_t capacity) {
  std::unique_ptr<char[]> moved{new (std::nothrow) char[capacity]};
  if (!moved) return false;
  if (size_ != 0) std::memcpy(moved.get(), bytes_.get(), size_);
  bytes_ = std::move(moved);
  capacity_ = capacity;
  return true;
}

void StreamBuffer::append(std::string_view bytes) {
  broken_ = broken_ || !reserve(size_ + bytes.size());
  if (broken_ || bytes.empty()) return;
  std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

void StreamBuffer::drop(std::size_t bytes, std::size_t usual) {
  size_ -= bytes;
  if (size_ != 0) std::memmove(bytes_.get(), bytes_.get() + bytes, size_);
  if (capacity_ > usual && size_ <= usual) static_cast<void>(move_to(usual));
}

}  // namespace agency::transfer
