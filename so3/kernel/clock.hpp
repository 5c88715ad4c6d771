// Counter value and nanoseconds, with the scale that avz publishes for the board this runs on.
#pragma once
#include <cstdint>

namespace kernel {

std::uint64_t now_ns();

// Counter value at which `ns` is reached; at most about four seconds ahead, whoever is woken early looks again.
std::uint64_t counter_at(std::uint64_t ns);

}  // namespace kernel
