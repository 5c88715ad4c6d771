// Physical interrupts that the vectors did not handle by themselves.
#pragma once
#include "so3/avz/cpu.hpp"
#include "so3/plat/gic/gic.hpp"

namespace avz {

// Acknowledged, not ended. May change who is current.
void handle_interrupt(Cpu& self, plat::gic::Interrupt interrupt);

}  // namespace avz
