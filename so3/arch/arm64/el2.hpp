// Registers of EL2 that are composed bit by bit (Arm ARM D17.2). Plain values, checked on the host.
#pragma once
#include <cstdint>

namespace arch {

namespace hcr {
inline constexpr std::uint64_t vm = 1u << 0;     // stage 2 on
inline constexpr std::uint64_t swio = 1u << 1;   // set/way invalidate cleans too
inline constexpr std::uint64_t ptw = 1u << 2;    // a table walk into device memory faults
inline constexpr std::uint64_t fmo = 1u << 3;    // FIQ, IRQ, SError come to EL2
inline constexpr std::uint64_t imo = 1u << 4;
inline constexpr std::uint64_t amo = 1u << 5;
inline constexpr std::uint64_t vi = 1u << 7;     // virtual IRQ pending
inline constexpr std::uint64_t fb = 1u << 9;  // TLB maintenance of EL1 reaches all CPUs: a domain also runs on CPU 0
inline constexpr std::uint64_t bsu_inner = 1u << 10;
inline constexpr std::uint64_t twi = 1u << 13;  // traps: WFI
inline constexpr std::uint64_t tsc = 1u << 19;  // SMC
inline constexpr std::uint64_t tidcp = 1u << 20;  // implementation defined registers
inline constexpr std::uint64_t tacr = 1u << 21;  // ACTLR
inline constexpr std::uint64_t tsw = 1u << 22;  // cache maintenance by set/way
inline constexpr std::uint64_t tid2 = 1u << 17;  // CSSELR, and what describes the caches
inline constexpr std::uint64_t tvm = 1u << 26;  // writes of SCTLR, TTBRn, TCR, MAIR, AMAIR, CONTEXTIDR, ESR, FAR, AFSRn
inline constexpr std::uint64_t trvm = 1u << 30;  // reads of the same
inline constexpr std::uint64_t rw = 1u << 31;  // EL1 is AArch64
// Later than Armv8.0, where these bits do nothing: registers that one domain would leave to the next.
inline constexpr std::uint64_t tlor = std::uint64_t{1} << 35;  // limited ordering regions
inline constexpr std::uint64_t terr = std::uint64_t{1} << 36;  // error records

// A domain's. Constant while avz itself runs too; only VI changes, and in domcalls the traps of the regime.
inline constexpr std::uint64_t domain =
    vm | swio | ptw | fmo | imo | amo | fb | bsu_inner | twi | tsc | tidcp | tacr | tsw | rw | tlor | terr;
inline constexpr std::uint64_t regime_trapped = domain | tvm | trvm | tid2;
}  // namespace hcr

namespace mdcr {  // debug and performance monitors: trapped, except that BRK stays the domain's own affair
inline constexpr std::uint64_t tpmcr = 1 << 5, tpm = 1 << 6, tda = 1 << 9, tdosa = 1 << 10, tdra = 1 << 11;
inline constexpr std::uint64_t tpms = 1 << 14, ttrf = 1 << 19;  // later: statistical profiling, trace filter
inline constexpr std::uint64_t domain = tpmcr | tpm | tda | tdosa | tdra | tpms | ttrf;
}  // namespace mdcr

namespace cptr {
inline constexpr std::uint64_t res1 = 0x32ff;
inline constexpr std::uint64_t tz = 1 << 8;  // trap SVE, where there is any (RES1 elsewhere)
inline constexpr std::uint64_t tfp = 1 << 10;  // trap FP and SIMD
inline constexpr std::uint64_t tta = 1 << 20;  // trap trace registers
inline constexpr std::uint64_t tcpac = 1u << 31;  // trap CPACR_EL1
inline constexpr std::uint64_t domain = res1 | tz | tta;
}  // namespace cptr

// Stage 2: 39-bit IPA from level 1, 4 KB granule, 40-bit output, write-back inner shareable walks.
namespace vtcr {
inline constexpr std::uint64_t t0sz = 64 - 39, sl0_level1 = 1 << 6, irgn_wb = 1 << 8, orgn_wb = 1 << 10;
inline constexpr std::uint64_t sh_inner = 3 << 12, ps_40 = 2 << 16, res1 = 1u << 31;
inline constexpr std::uint64_t value = t0sz | sl0_level1 | irgn_wb | orgn_wb | sh_inner | ps_40 | res1;
}  // namespace vtcr

// EL1 as it is entered first: MMU and caches off, little-endian, RES1 bits set.
inline constexpr std::uint64_t sctlr_el1_reset = 0x30d0'0800;

namespace tcr {
inline constexpr std::uint64_t epd1 = 1 << 23;  // no walks from TTBR1
}  // namespace tcr

namespace pstate {
inline constexpr std::uint64_t irq_masked = 1 << 7;
inline constexpr std::uint64_t el1h_masked = 0x3c5;  // EL1h, DAIF masked
}  // namespace pstate

namespace cnt {
inline constexpr std::uint64_t enable = 1, imask = 2;
}  // namespace cnt

// Why the CPU came to EL2.
enum class ExceptionClass : std::uint8_t {
  wfx = 0x01,
  fp = 0x07,
  hvc = 0x16,
  smc = 0x17,
  system_register = 0x18,
  instruction_abort = 0x20,
  data_abort = 0x24,
};

struct Esr {
  std::uint64_t raw;

  constexpr ExceptionClass exception_class() const { return static_cast<ExceptionClass>(raw >> 26 & 0x3f); }
  constexpr std::uint16_t hvc_immediate() const { return raw & 0xffff; }
  constexpr bool write() const { return (raw & 1 << 6) != 0; }
  constexpr bool walk_of_stage1() const { return (raw & 1 << 7) != 0; }
  constexpr std::uint8_t fault_status() const { return raw & 0x3f; }
  constexpr bool translation_fault() const { return (fault_status() & 0x3c) == 0x04; }
  constexpr bool permission_fault() const { return (fault_status() & 0x3c) == 0x0c; }
};

// HPFAR_EL2 holds the IPA's page number from bit 4 on.
constexpr std::uint64_t fault_ipa(std::uint64_t hpfar, std::uint64_t far) {
  return ((hpfar >> 4) << 12 & 0xff'ffff'ffff'ffff) | (far & 0xfff);
}

}  // namespace arch
