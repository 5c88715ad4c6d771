// The one figure that needs the engine: how large a snapshot file is.
#pragma once
#include <cstdint>

#include "tools/me/verb.hpp"

namespace me {

// Of a refso3 that has just come to life.
[[nodiscard]] Result<std::uint64_t> snapshot_file_bytes(const Layout& layout);

}  // namespace me
