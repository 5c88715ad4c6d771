// A domain on the host: what avz would do for it. For tests of the kernel; one at a time.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace arch::host {

struct Machine {
  std::string console;  // all that was written
  unsigned parks = 0;
  unsigned waits = 0;
  unsigned kicks = 0;
  std::vector<std::string> threads_traced;  // as avz was told of them
};
Machine& machine();

// A fresh domain: the caller becomes its boot thread. 1 counter tick = 1 ns.
void reset();

// Time passes for the running thread; a timer that comes due interrupts it.
void run_for(std::uint64_t ns);

// An interrupt comes now, or as soon as it is unmasked; `handler` runs in it.
void interrupt_with(void (*handler)());

}  // namespace arch::host
