#include "so3/plat/gic/gic.hpp"

namespace plat::gic {
namespace {

// Distributor (Arm IHI 0048, 4.3; IHI 0069, 12.9) and the two ways to reach the CPU's own part.
constexpr std::uint64_t gicd = board.gic_distributor, gicc = board.gic_cpu_interface;
constexpr std::uint64_t ctlr = 0x000, typer = 0x004, igroupr = 0x080, isenabler = 0x100, icenabler = 0x180,
                        ipriorityr = 0x400, itargetsr = 0x800, irouter = 0x6000;
constexpr std::uint64_t gicc_ctlr = 0x00, gicc_pmr = 0x04;
constexpr std::uint64_t redistributor_stride = 0x2'0000, waker = 0x14, sgi_frame = 0x1'0000;
constexpr std::uint32_t children_asleep = 1 << 2, processor_sleep = 1 << 1;

constexpr std::uint32_t priority_all = 0xa0a0'a0a0;
constexpr std::uint32_t private_lines = 0xffff | 1u << board.ppi_virtual_timer | 1u << board.ppi_hypervisor_timer;

bool v3 = false;
std::uint32_t lines = 0;

std::uint64_t line_bit(std::uint64_t array, std::uint32_t id) { return gicd + array + std::uint64_t{id / 32} * 4; }

void init_private_lines(std::uint64_t base) {
  write32(base + icenabler, ~0u);
  for (std::uint32_t i = 0; i < 8; i++) write32(base + ipriorityr + std::uint64_t{i} * 4, priority_all);
  write32(base + isenabler, private_lines);
}

void init_cpu_v3(std::uint32_t index) {
  const std::uint64_t own = board.gic_redistributors + index * redistributor_stride;
  write32(own + waker, read32(own + waker) & ~processor_sleep);
  while (read32(own + waker) & children_asleep) arch::yield();
  write32(own + sgi_frame + igroupr, ~0u);
  init_private_lines(own + sgi_frame);

  // System registers for EL2; EL1 gets nothing: SRE access traps (Enable = 0), the rest by ICH_HCR_EL2.
  write_register(S3_4_C12_C9_5, 0b0111);  // ICC_SRE_EL2: SRE, DFB, DIB
  arch::isb();
  write_register(S3_0_C12_C12_5, 0b111);  // ICC_SRE_EL1
  arch::isb();
  write_register(S3_4_C12_C11_0, 0b111 << 10);  // ICH_HCR_EL2: TC, TALL0, TALL1
  write_register(S3_0_C4_C6_0, 0xff);           // ICC_PMR_EL1
  write_register(S3_0_C12_C12_4, 0);            // ICC_CTLR_EL1: EOI also deactivates
  write_register(S3_0_C12_C12_7, 1);            // ICC_IGRPEN1_EL1
  arch::isb();
}

void init_cpu_v2() {
  init_private_lines(gicd);
  write32(gicc + gicc_pmr, 0xff);
  write32(gicc + gicc_ctlr, 1);
}

}  // namespace

std::uint32_t detect() { return (read_register(id_aa64pfr0_el1) >> 24 & 0xf) != 0 ? 3 : 2; }

void init_distributor(std::uint32_t version) {
  v3 = version == 3;
  write32(gicd + ctlr, 0);
  lines = 32 * ((read32(gicd + typer) & 0x1f) + 1);
  if (lines > 1020) lines = 1020;
  for (std::uint32_t id = 32; id < lines; id += 32) {
    write32(line_bit(icenabler, id), ~0u);
    if (v3) write32(line_bit(igroupr, id), ~0u);
  }
  for (std::uint32_t id = 32; id < lines; id += 4) {
    write32(gicd + ipriorityr + id, priority_all);
    if (!v3) write32(gicd + itargetsr + id, 0x0101'0101);
  }
  if (v3) {
    const std::uint64_t boot_cpu = read_register(mpidr_el1) & 0xff'00ff'ffff;
    constexpr std::uint32_t affinity_routing = 1 << 4, group1 = 1 << 1;
    write32(gicd + ctlr, affinity_routing | group1);
    for (std::uint32_t id = 32; id < lines; id++) {
      write32(gicd + irouter + std::uint64_t{id} * 8, static_cast<std::uint32_t>(boot_cpu));
      write32(gicd + irouter + std::uint64_t{id} * 8 + 4, static_cast<std::uint32_t>(boot_cpu >> 32));
    }
  } else {
    write32(gicd + ctlr, 1);
  }
}

void init_cpu(std::uint32_t index) { v3 ? init_cpu_v3(index) : init_cpu_v2(); }

std::uint32_t version() { return v3 ? 3 : 2; }
Interrupt acknowledge() { return v3 ? V3::acknowledge() : V2::acknowledge(); }
void end(Interrupt interrupt) { v3 ? V3::end(interrupt) : V2::end(interrupt); }

Doorbell doorbell(std::uint32_t cpu_index, std::uint32_t id) {
  if (v3) return {static_cast<std::uint64_t>(id) << 24 | 1u << cpu_index};
  return {Doorbell::on_v2 | 1u << (16 + cpu_index) | id};
}

void send_sgi(std::uint32_t cpu_index, std::uint32_t id) {
  ring(doorbell(cpu_index, id));
  arch::isb();
}

std::uint32_t line_count() { return lines; }
void enable_line(std::uint32_t id) { write32(line_bit(isenabler, id), 1u << id % 32); }
void disable_line(std::uint32_t id) { write32(line_bit(icenabler, id), 1u << id % 32); }

}  // namespace plat::gic
