#include "so3/guest/store/moved_operations.hpp"

#include <cstring>
#include <new>
#include <string_view>

#include "so3/abi/vbstore.hpp"

namespace guest {

using abi::vbstore::Operation;

// They are this client's own, so they are what vbstore::Transaction made.
vbstore::Result<void> MovedOperations::rename(std::span<const std::uint8_t> operations, Move move) {
  bytes_.reset(new (std::nothrow) std::uint8_t[abi::vbstore::payload_max]);
  if (!bytes_) return std::unexpected{vbstore::Error::no_memory};
  const auto put = [this](const void* from, std::size_t n) {
    std::memcpy(bytes_.get() + size_, from, n);
    size_ += n;
  };
  while (!operations.empty()) {
    Operation operation;
    std::memcpy(&operation, operations.data(), sizeof operation);
    const std::string_view old{reinterpret_cast<const char*>(operations.data() + sizeof operation)};
    const auto rest = operations.subspan(sizeof operation + old.size(), operation.length - old.size());
    operations = operations.subspan(sizeof operation + operation.length);
    const MovedPath moved{old, move};
    const std::string_view path = moved;
    operation.length = static_cast<std::uint32_t>(path.size() + rest.size());
    if (size_ + sizeof operation + operation.length > abi::vbstore::payload_max)
      return std::unexpected{vbstore::Error::too_big};
    put(&operation, sizeof operation);
    put(path.data(), path.size());
    put(rest.data(), rest.size());  // NUL and value
  }
  return {};
}

}  // namespace guest
