#include <vlogs/vlogs.h>

#include "tests/bench/me/parts.hpp"
#include "tests/bench/measure.hpp"

namespace bench {

// The first line, to warm up, rings the reader; for the others it is as if the reader were at work already. They are
// no more than the ring holds.
void measure_log() {
  int line = 10000;
  measure("log_line_80", nullptr, 8, [&line] {
    logs("line %d of %s, which is as long as a line of a log usually becomes.\n", line++, "a benchmark");  // 80 bytes
  });
}

}  // namespace bench
