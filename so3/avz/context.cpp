#include "so3/avz/context.hpp"

#include <memory>

#include "so3/arch/arm64/el2.hpp"
#include "so3/arch/arm64/tlb.hpp"
#include "so3/avz/counter.hpp"
#include "so3/avz/hypercall.hpp"
#include "so3/avz/trace.hpp"

namespace avz {
namespace {

// Stage 2 of nobody: what is in VTTBR_EL2 when the domain that was there is gone.
[[gnu::section(".tables"), gnu::aligned(4096)]] constinit std::uint64_t nothing_mapped[512] = {};

}  // namespace

void init_virtualization() {
  write_register(vtcr_el2, arch::vtcr::value);
  write_register(vttbr_el2, reinterpret_cast<std::uint64_t>(nothing_mapped));
  write_register(vpidr_el2, read_register(midr_el1));
  write_register(cptr_el2, arch::cptr::domain);
  write_register(mdcr_el2, (read_register(mdcr_el2) & 0x1f) | arch::mdcr::domain);  // HPMN as it is
  write_register(hstr_el2, 0);
  write_register(cnthctl_el2, 0);  // EL1 has the virtual counter and timer only
  hypervisor_timer_off();
  write_register(cntv_ctl_el0, 0);
  write_register(hcr_el2, arch::hcr::domain);
  arch::isb();
  arch::flush_all_vmids();
}

void enter_address_space(const Vcpu& vcpu) {
  write_register(vttbr_el2, vcpu.vttbr);
  write_register(vmpidr_el2, vcpu.vmpidr);
  write_register(cntvoff_el2, vcpu.cntvoff);
}

void load(Cpu& self, Vcpu& vcpu) {
  if (self.loaded == &vcpu) return;
  if (self.loaded != nullptr) {
    save_el1(&self.loaded->el1);
    save_fp(&self.loaded->fp);
  }
  enter_address_space(vcpu);
  arch::isb();
  load_el1(&vcpu.el1);
  load_fp(&vcpu.fp);
  self.loaded = &vcpu;
}

void unload(Cpu& self, Vcpu& vcpu) {
  if (self.loaded != &vcpu) return;
  self.loaded = nullptr;
  write_register(cntv_ctl_el0, 0);
  write_register(vttbr_el2, reinterpret_cast<std::uint64_t>(nothing_mapped));
  arch::isb();
}

void raise_virtual_interrupt() { write_register(hcr_el2, read_register(hcr_el2) | arch::hcr::vi); }
void clear_virtual_interrupt() { write_register(hcr_el2, read_register(hcr_el2) & ~arch::hcr::vi); }

void init(Vcpu& vcpu, Domain& domain, std::uint32_t slot, abi::SharedPage& shared, std::uint64_t vttbr) {
  std::destroy_at(&vcpu);
  std::construct_at(&vcpu);
  vcpu.domain = &domain;
  vcpu.slot = slot;
  vcpu.shared = &shared;
  vcpu.vttbr = vttbr;
  vcpu.vmpidr = 1u << 31 | 1u << 30;  // RES1, U: a machine of one CPU
  vcpu.calls = &in_force(slot == abi::agency_domain ? agency_calls : me_calls);
  vcpu.pstate = arch::pstate::el1h_masked;
  vcpu.el1.sctlr = arch::sctlr_el1_reset;
}

}  // namespace avz
