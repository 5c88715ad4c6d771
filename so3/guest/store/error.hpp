// What the store answered, as its public error.
#pragma once
#include "so3/abi/status.hpp"
#include "so3/guest/include/so3/vbstore.hpp"

namespace guest {

constexpr vbstore::Error store_error(abi::Status status) {
  switch (status) {
    case abi::Status::denied: return vbstore::Error::denied;
    case abi::Status::bad_argument: return vbstore::Error::invalid;
    case abi::Status::not_found: return vbstore::Error::not_found;
    case abi::Status::no_memory: return vbstore::Error::no_memory;
    case abi::Status::too_big: return vbstore::Error::too_big;
    default: return vbstore::Error::unavailable;
  }
}

}  // namespace guest
