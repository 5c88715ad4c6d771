// The machine avz found itself on, read once at boot from the device tree and the CPU.
#pragma once
#include <cstdint>

#include "so3/avz/phys_range.hpp"

namespace avz {

struct Machine {
  PhysRange ram;       // private: avz, the agency and the MEs
  PhysRange window;    // shared with the engine on the host; empty when there is none
  PhysRange image;     // of avz itself, to the end of its .bss and stacks; within ram
  PhysRange initrd;    // the agency's raw image as loaded
  PhysRange dtb;       // free for other use once read
  std::uint32_t cpus = 0;
  std::uint32_t gic_version = 0;  // 2 or 3
  char bootargs[256] = {};        // NUL-terminated
};

const Machine& machine();

}  // namespace avz
