// Interrupt lines of devices, for the agency. Ids are the interrupt controller's: 32..1019.
#pragma once
#include <cstdint>

namespace avz {

inline constexpr std::uint32_t first_device_interrupt = 32;

// False: this machine has no such line.
[[nodiscard]] bool interrupt_exists(std::uint32_t id);
// To CPU 0. The line is masked again when it fires, before device_interrupt() is called.
void interrupt_enable(std::uint32_t id);
void interrupt_disable(std::uint32_t id);

}  // namespace avz
