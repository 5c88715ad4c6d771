// TLB maintenance as avz does it, at EL2. All of these wait until every CPU has done it.
#pragma once
#include <cstdint>

#include "so3/arch/arm64/barrier.hpp"
#include "so3/arch/arm64/registers.hpp"

namespace arch {

// One page of the stage-2 table of the VMID that is in VTTBR_EL2 now, and what stage 1 cached on top of it:
// which virtual addresses led there is not known, so the VMID's stage 1 goes as a whole (Arm ARM D8.13).
inline void flush_stage2_page(std::uint64_t ipa) {
  dsb_ishst();
  asm volatile("tlbi ipas2e1is, %0" : : "r"(ipa >> 12) : "memory");
  dsb_ish();
  asm volatile("tlbi vmalle1is" : : : "memory");
  dsb_ish();
  isb();
}

// Both stages of the VMID that is in VTTBR_EL2 now.
inline void flush_vmid() {
  dsb_ishst();
  asm volatile("tlbi vmalls12e1is" : : : "memory");
  dsb_ish();
  isb();
}

// The same for another domain's VMID, by putting it into VTTBR_EL2 for that moment.
template <typename Flush>
inline void with_vttbr(std::uint64_t vttbr, Flush&& flush) {
  const auto current = read_register(vttbr_el2);
  write_register(vttbr_el2, vttbr);
  isb();
  flush();
  write_register(vttbr_el2, current);
  isb();
}

// Everything of EL1, all VMIDs.
inline void flush_all_vmids() {
  dsb_ishst();
  asm volatile("tlbi alle1is" : : : "memory");
  dsb_ish();
  isb();
}

}  // namespace arch
