// The operations of a transaction that waited while its ME moved to another slot.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/guest/store/own_path.hpp"

namespace guest {

class MovedOperations {
 public:
  // The same operations, with the new slot in paths of the own part. no_memory, too_big.
  [[nodiscard]] vbstore::Result<void> rename(std::span<const std::uint8_t> operations, Move move);
  std::span<const std::uint8_t> bytes() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace guest
