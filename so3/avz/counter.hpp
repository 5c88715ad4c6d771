// The physical counter and the hypervisor timer.
#pragma once
#include <cstdint>

#include "so3/arch/arm64/barrier.hpp"
#include "so3/arch/arm64/registers.hpp"

namespace avz {

inline std::uint64_t now() {
  arch::isb();
  return read_register(cntpct_el0);
}
inline std::uint64_t ticks_per_second() { return read_register(cntfrq_el0); }

inline void hypervisor_timer_at(std::uint64_t count) {
  write_register(cnthp_cval_el2, count);
  write_register(cnthp_ctl_el2, 1);
}
inline void hypervisor_timer_off() { write_register(cnthp_ctl_el2, 0); }

}  // namespace avz
