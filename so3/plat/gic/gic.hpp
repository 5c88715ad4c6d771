// The interrupt controller as avz uses it: acknowledge, end, SGIs between CPUs, lines of devices to CPU 0.
// GICv2 or GICv3 is found at boot. There are no list registers: domains get HCR_EL2.VI.
#pragma once
#include <cstdint>

namespace plat::gic {

// What acknowledge() answers. `raw` is what end() wants back (GICv2 keeps the sending CPU in it).
struct Interrupt {
  std::uint32_t raw;
  std::uint32_t id() const { return raw & 0x3ff; }
  bool spurious() const { return id() >= 1020; }
};

// 2 or 3, from ID_AA64PFR0_EL1.GIC.
std::uint32_t detect();

// Once, then once per CPU, on that CPU. `index` is the CPU's place among redistributors and SGI targets.
void init_distributor(std::uint32_t version);
void init_cpu(std::uint32_t index);

Interrupt acknowledge();
void end(Interrupt interrupt);
// All writes before it are seen by the CPU that takes the interrupt.
void send_sgi(std::uint32_t cpu_index, std::uint32_t id);

std::uint32_t line_count();  // ids of devices are below this
void enable_line(std::uint32_t id);
void disable_line(std::uint32_t id);

}  // namespace plat::gic
