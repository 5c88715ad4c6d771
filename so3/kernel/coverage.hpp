// Coverage of a target build with SO3_COVERAGE: a domain's counters of the code that ran, for lcov on the host.
#pragma once

#ifdef SO3_COVERAGE
#include "so3/coverage/counters.hpp"
#include "so3/kernel/include/so3/printk.h"
#endif

namespace kernel {

// Writes all counters to the console, as lines of "gcov:" and hexadecimal digits (so3/coverage/counters.hpp). From a
// thread; in a build without coverage it does nothing.
inline void print_coverage() {
#ifdef SO3_COVERAGE
  so3::write_counters(
      [](std::string_view digits) { lprintk("gcov:%.*s\n", static_cast<int>(digits.size()), digits.data()); });
#endif
}

}  // namespace kernel
