// Tests see what was invalidated, and in which order against what they look at.
#pragma once
#include <cstdint>
#include <functional>

namespace arch {

struct HostTlb {
  std::function<void(std::uint64_t vttbr, std::uint64_t ipa)> on_flush_page;
  std::function<void(std::uint64_t vttbr)> on_flush_all;
};
inline HostTlb host_tlb;

inline void stage2_entry_added() {}
inline void stage2_flush_page(std::uint64_t vttbr, std::uint64_t ipa) {
  if (host_tlb.on_flush_page) host_tlb.on_flush_page(vttbr, ipa);
}
inline void stage2_flush_all(std::uint64_t vttbr) {
  if (host_tlb.on_flush_all) host_tlb.on_flush_all(vttbr);
}

}  // namespace arch
