// Events on their way to a domain.
#pragma once
#include <cstdint>

#include "so3/avz/domain.hpp"

namespace avz {

// With the receiver's slot locked: pending, and the vCPU told if it may not know.
void deliver(Domain& receiver, std::uint32_t port);

// All channels of a domain that nobody can find any more; the other ends become orphans, and nobody sends to it then.
void close_all(Domain& dead);

}  // namespace avz
