// The virtual counter and timer (Arm ARM D11.1). avz turns the timer's interrupt into abi::selector_timer and masks it
// until it is set again.
#pragma once
#include <cstdint>

#include "so3/arch/arm64/barrier.hpp"
#include "so3/arch/arm64/registers.hpp"

namespace arch {

inline std::uint64_t counter() {
  isb();  // not before what comes before it
  return read_register(cntvct_el0);
}

inline void set_timer(std::uint64_t counter_value) {
  write_register(cntv_cval_el0, counter_value);
  write_register(cntv_ctl_el0, 1);
  isb();
}

inline void stop_timer() { write_register(cntv_ctl_el0, 0); }

}  // namespace arch
