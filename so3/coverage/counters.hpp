// Coverage of a target build with SO3_COVERAGE: the counters of an image, as text for its console.
#pragma once
#include <string_view>

namespace so3 {

// Gives `line` lines of hexadecimal digits, at most 216 of them in one. Together they are frames: a letter, a
// little-endian u32 length, and that many bytes; 'F' is the path of a .gcda file, 'D' what follows in it.
// `me test --coverage` makes the files of them. Not instrumented itself; needs no memory.
void write_counters(void (*line)(std::string_view digits));

}  // namespace so3
