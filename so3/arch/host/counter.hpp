// Tests set the time themselves.
#pragma once
#include <cstdint>

namespace arch {

inline std::uint64_t host_counter = 0;
inline std::uint64_t physical_counter() { return host_counter; }
inline std::uint64_t physical_counter_hz() { return 62'500'000; }

}  // namespace arch
