#pragma once
#include <cstdint>

#include "so3/arch/arm64/registers.hpp"

namespace arch {

inline std::uint64_t physical_counter() { return read_register(cntpct_el0); }
inline std::uint64_t physical_counter_hz() { return read_register(cntfrq_el0); }

}  // namespace arch
