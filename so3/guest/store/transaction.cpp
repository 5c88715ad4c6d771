#include <algorithm>
#include <cstring>
#include <new>

#include "so3/abi/vbstore.hpp"
#include "so3/guest/decimal.hpp"
#include "so3/guest/include/so3/vbstore.hpp"
#include "so3/guest/store/service.hpp"
#include "so3/kernel/include/so3/domcall.h"

namespace vbstore {

using abi::vbstore::Operation;
using abi::vbstore::Type;

bool Transaction::reserve(std::size_t more) {
  if (size_ + more <= capacity_) return true;
  if (size_ + more > abi::vbstore::payload_max) {
    first_error_ = std::unexpected{Error::too_big};
    return false;
  }
  const std::size_t wanted = std::min(abi::vbstore::payload_max, std::max(2 * capacity_, size_ + more + 256));
  std::unique_ptr<std::uint8_t[]> larger{new (std::nothrow) std::uint8_t[wanted]};
  if (!larger) {
    first_error_ = std::unexpected{Error::no_memory};
    return false;
  }
  if (size_ != 0) std::memcpy(larger.get(), operations_.get(), size_);
  operations_ = std::move(larger);
  capacity_ = wanted;
  return true;
}

void Transaction::add(std::uint32_t type, std::string_view path, std::string_view value) {
  if (!first_error_) return;
  if (path.size() > abi::vbstore::path_max || path.contains('\0')) {
    first_error_ = std::unexpected{Error::invalid};
    return;
  }
  if (value.size() > abi::vbstore::value_max) {
    first_error_ = std::unexpected{Error::too_big};
    return;
  }
  const Operation operation{type, static_cast<std::uint32_t>(path.size() + 1 + value.size())};
  if (!reserve(sizeof operation + operation.length)) return;
  std::uint8_t* at = operations_.get() + size_;
  const auto put = [&at](const void* from, std::size_t n) {
    at = static_cast<std::uint8_t*>(std::memcpy(at, from, n)) + n;
  };
  put(&operation, sizeof operation);
  if (!path.empty()) put(path.data(), path.size());
  put("", 1);
  if (!value.empty()) put(value.data(), value.size());
  size_ += sizeof operation + operation.length;
}

Transaction& Transaction::write(std::string_view path, std::string_view value) {
  add(static_cast<std::uint32_t>(Type::write), path, value);
  return *this;
}

Transaction& Transaction::write(std::string_view path, std::uint64_t decimal) {
  const guest::Decimal digits{decimal};
  return write(path, digits);
}

Transaction& Transaction::mkdir(std::string_view path) {
  add(static_cast<std::uint32_t>(Type::mkdir), path, {});
  return *this;
}

Transaction& Transaction::remove(std::string_view path) {
  add(static_cast<std::uint32_t>(Type::rm), path, {});
  return *this;
}

Result<void> Transaction::commit() {
  assert_may_block("vbstore transaction");
  guest::StoreClient* const client = guest::store();
  Result<void> result = first_error_;
  if (result && client == nullptr) result = std::unexpected{Error::unavailable};
  if (result && size_ != 0) result = client->commit({operations_.get(), size_});
  size_ = 0;
  first_error_ = {};
  return result;
}

}  // namespace vbstore
