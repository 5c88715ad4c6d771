// Coverage of a target build with SO3_COVERAGE: avz's own counters, when the machine ends in order.
#pragma once

namespace avz {

// Writes all counters to the console, as lines of "[avz] gcov:" and hexadecimal digits (so3/coverage/counters.hpp); no
// domain's line begins so. Other CPUs may still count. In a build without coverage it does nothing.
#ifdef SO3_COVERAGE
void print_coverage();
#else
inline void print_coverage() {}
#endif

}  // namespace avz
