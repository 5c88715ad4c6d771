#include "so3/arch/physical.hpp"
#include "so3/avz/domain.hpp"
#include "so3/avz/objects.hpp"

namespace avz {

using abi::page_size;

std::optional<PhysAddr> ram_page(Domain& domain, std::uint64_t ipa) {
  const std::uint64_t page_ipa = ipa & ~(page_size - 1);
  if (!domain.in_ram(page_ipa, page_size)) return std::nullopt;
  if (const Stage2Entry there = domain.memory.find(page_ipa); there.valid()) return there.address();
  const auto page = domain.reservation.draw();
  if (!page) return std::nullopt;
  arch::clean_to_memory(arch::physical<void>(*page), page_size);  // its zeros
  const auto status = domain.memory.map(page_ipa, *page, Access::ram, domain.reservation);
  if (status == abi::Status::ok) return page;
  domain.reservation.put_back(*page);
  // The agency, or the domain itself, was there first.
  if (status == abi::Status::busy) return domain.memory.find(page_ipa).address();
  return std::nullopt;
}

bool handle_stage2_fault(Domain& domain, std::uint64_t ipa, bool write, bool execute, Toucher who) {
  const bool may_wait = who == Toucher::vcpu;
  if (write && domain.memory.frozen() && domain.snapshot.before_own_write(domain, ipa, may_wait)) return true;
  if (const Stage2Entry there = domain.memory.find(ipa); there.valid())
    return (!write || there.writable()) && (!execute || there.executable());
  return ram_page(domain, ipa).has_value();
}

}  // namespace avz
