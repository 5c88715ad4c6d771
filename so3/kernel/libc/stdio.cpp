// stdin, stdout and stderr of picolibc: lines to the console.
#include <cstdio>

#include "so3/kernel/platform.hpp"

namespace {

// Each thread, and the domcall, fills a line of its own, which goes out at once; a longer one goes in pieces.
struct Line {
  char text[120];
  std::size_t filled;

  void flush() {
    kernel::platform::console_write({text, filled});
    filled = 0;
  }
};
thread_local constinit Line line = {};

int put(char c, FILE*) {
  Line& mine = line;
  mine.text[mine.filled++] = c;
  if (c == '\n' || mine.filled == sizeof mine.text) mine.flush();
  return static_cast<unsigned char>(c);
}

int get(FILE*) { return EOF; }

int flush(FILE*) {
  line.flush();
  return 0;
}

FILE console = FDEV_SETUP_STREAM(put, get, flush, _FDEV_SETUP_RW);

}  // namespace

FILE* const stdin = &console;
FILE* const stdout = &console;
FILE* const stderr = &console;
