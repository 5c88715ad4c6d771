// Coverage of a target build with SO3_COVERAGE: counters of the code that ran, for lcov on the host.
#pragma once

namespace kernel {

// Writes all counters to the console, as lines of "gcov:" and hexadecimal digits. Together they are frames: a letter, a
// little-endian u32 length, and that many bytes; 'F' is the path of a .gcda file, 'D' what follows in it.
// toolchain/coverage/collect makes the files of them. From a thread; in a build without coverage it does nothing.
#ifdef SO3_COVERAGE
void print_coverage();
#else
inline void print_coverage() {}
#endif

}  // namespace kernel
