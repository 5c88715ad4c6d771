// The interrupt controller as avz uses it: acknowledge, end, SGIs between CPUs, lines of devices to CPU 0.
// GICv2 or GICv3 is found at boot. There are no list registers: domains get HCR_EL2.VI.
#pragma once
#include <cstdint>

#include "so3/arch/arm64/barrier.hpp"
#include "so3/arch/arm64/registers.hpp"
#include "so3/plat/mmio.hpp"
#include "so3/plat/qemu_virt/board.hpp"

namespace plat::gic {

// What acknowledge() answers. `raw` is what end() wants back (GICv2 keeps the sending CPU in it).
struct Interrupt {
  std::uint64_t raw;  // 32 bits
  std::uint32_t id() const { return raw & 0x3ff; }
  bool spurious() const { return id() >= 1020; }
};

// 2 or 3, from ID_AA64PFR0_EL1.GIC.
std::uint32_t detect();

// Once, then once per CPU, on that CPU. `index` is the CPU's place among redistributors and SGI targets:
// also of those that do not start.
void init_distributor(std::uint32_t version);
void init_cpu(std::uint32_t index);

Interrupt acknowledge();
void end(Interrupt interrupt);
std::uint32_t version();

// The same where each instruction counts: whoever uses them chose by version().
struct V2 {
  static Interrupt acknowledge() { return {read32(board.gic_cpu_interface + 0xc)}; }           // GICC_IAR
  static void end(Interrupt i) {
    write32(board.gic_cpu_interface + 0x10, static_cast<std::uint32_t>(i.raw));
  }             // GICC_EOIR
};
struct V3 {
  static Interrupt acknowledge() { return {read_register(S3_0_C12_C12_0)}; }  // ICC_IAR1_EL1
  static void end(Interrupt i) { write_register(S3_0_C12_C12_1, i.raw); }  // ICC_EOIR1_EL1
};

// All writes before it are seen by the CPU that takes the interrupt.
void send_sgi(std::uint32_t cpu_index, std::uint32_t id);

// An SGI that is sent often, made ready: what to write, with this bit set where it is for a GICv2's distributor.
struct Doorbell {
  static constexpr std::uint64_t on_v2 = std::uint64_t{1} << 63;
  std::uint64_t raw = 0;
};
Doorbell doorbell(std::uint32_t cpu_index, std::uint32_t id);
// It is on its way when this CPU takes or returns from an exception, if not before.
inline void ring(Doorbell d) {
  arch::dsb_ishst();
  if ((d.raw & Doorbell::on_v2) != 0) write32(board.gic_distributor + 0xf00, static_cast<std::uint32_t>(d.raw));
  else write_register(S3_0_C12_C11_5, d.raw);  // ICC_SGI1R_EL1
}

std::uint32_t line_count();  // ids of devices are below this
void enable_line(std::uint32_t id);
void disable_line(std::uint32_t id);

}  // namespace plat::gic
