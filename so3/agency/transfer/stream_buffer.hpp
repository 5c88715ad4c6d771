// What has been made of a stream and is not taken yet.
#pragma once
#include <cstddef>
#include <memory>
#include <string_view>

namespace agency::transfer {

// How much it is, an ME decides: where there is no memory for it, that ends the stream and nothing else.
class StreamBuffer {
 public:
  // False: there is no memory for so many bytes.
  [[nodiscard]] bool reserve(std::size_t bytes);
  void append(std::string_view bytes);
  // Something was appended for which there was no memory: what is in here is not the stream.
  bool broken() const { return broken_; }

  std::size_t size() const { return size_; }
  std::string_view view() const { return {bytes_.get(), size_}; }
  // The first bytes are not needed any more, and `usual` is all that will be needed at once from now on.
  void drop(std::size_t bytes, std::size_t usual);

 private:
  [[nodiscard]] bool move_to(std::size_t capacity);

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0, capacity_ = 0;
  bool broken_ = false;
};

}  // namespace agency::transfer
