// TLBI by IPA and by VMID act on the VMID in VTTBR_EL2 (Arm ARM D8.13): it is switched for them when another one
// is there. avz runs with interrupts masked, so nobody sees the switch.
#pragma once
#include <cstdint>

#include "so3/arch/arm64/tlb.hpp"

namespace arch {

namespace detail {
template <typename Flush>
void under(std::uint64_t vttbr, Flush&& flush) {
  if (read_register(vttbr_el2) == vttbr) flush();
  else with_vttbr(vttbr, flush);
}
}  // namespace detail

// A new entry where none was: nothing can be cached, but walkers must see it before the domain goes on.
inline void stage2_entry_added() {
  dsb_ishst();
  isb();
}

// After an entry was cleared or restricted.
inline void stage2_flush_page(std::uint64_t vttbr, std::uint64_t ipa) {
  detail::under(vttbr, [ipa] { flush_stage2_page(ipa); });
}

// Everything under the VMID: before it serves another domain.
inline void stage2_flush_all(std::uint64_t vttbr) {
  detail::under(vttbr, [] { flush_vmid(); });
}

}  // namespace arch
