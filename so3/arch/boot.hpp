// The stack a domain starts on.
#pragma once
#include "so3/arch/address_space.hpp"

namespace arch {

MemoryRange boot_stack();  // with its guard page

// Thread-local data of the boot thread, in the image.
void set_boot_thread_local();

}  // namespace arch
