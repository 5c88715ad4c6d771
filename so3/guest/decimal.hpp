// Numbers as text, without a NUL. One copy of the conversion for all of a domain.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace guest {

class Decimal {
 public:
  explicit Decimal(std::uint64_t number);
  operator std::string_view() const& { return {text_, size_}; }
  operator std::string_view() const&& = delete;  // it holds the text
  std::size_t size() const { return size_; }

 private:
  char text_[20];
  std::size_t size_;
};

}  // namespace guest
