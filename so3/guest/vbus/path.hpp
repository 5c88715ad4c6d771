// Store paths, put together without the heap.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "so3/abi/vbstore.hpp"

namespace vbus {

// What would be longer than the store's limit stays one byte beyond it, so that the store refuses it.
class Path {
 public:
  explicit Path(std::string_view root) { append(root); }

  Path operator/(std::string_view component) const;
  Path operator/(std::uint32_t number) const;
  operator std::string_view() const { return {text_, size_}; }

 private:
  void append(std::string_view text);

  char text_[abi::vbstore::path_max + 1];
  std::size_t size_ = 0;
};

Path device_path(std::uint32_t slot, std::string_view type, std::uint32_t instance);
Path backend_path(std::uint32_t slot, std::string_view type, std::uint32_t instance);

}  // namespace vbus
