#include "so3/avz/restored_vcpu.hpp"

#include "so3/arch/arm64/el2.hpp"
#include "so3/arch/physical.hpp"

namespace avz {

namespace {

constexpr bool possible_pstate(std::uint64_t pstate) {
  constexpr std::uint64_t flags = 0xf000'0000, masks = 0x3c0, el0t = 0b0000, el1t = 0b0100, el1h = 0b0101;
  const std::uint64_t mode = pstate & 0x1f;
  return (pstate & ~(flags | masks | 0x1f)) == 0 && (mode == el0t || mode == el1t || mode == el1h);
}

constexpr bool possible_frequency(std::uint64_t hz) { return hz >= 1'000'000 && hz < 4'000'000'000; }

// When the timer fires, counted from `now`, in its new ticks; due already: now.
std::uint64_t converted_timer(std::uint64_t cval, std::uint64_t was, std::uint64_t was_hz, std::uint64_t now,
                              std::uint64_t hz) {
  constexpr std::uint64_t never = std::uint64_t{1} << 62;
  const std::uint64_t ticks = cval - was;
  if (static_cast<std::int64_t>(ticks) <= 0) return now;
  return now + (ticks / was_hz >= never / hz ? never : convert_ticks(ticks, was_hz, hz));
}

}  // namespace

std::optional<RestoredVcpu> RestoredVcpu::decode(const abi::snapshot::Vcpu& from) {
  if (!possible_pstate(from.pstate) || !possible_frequency(from.counter_hz)) return std::nullopt;
  if (from.domcall_registered > 1 || from.waiting > 1) return std::nullopt;
  if (from.domcall_registered == 1 && (from.domcall_entry % 4 != 0 || from.domcall_el1.sp_el1 % 16 != 0))
    return std::nullopt;
  return RestoredVcpu{from};
}

void RestoredVcpu::load_into(Vcpu& vcpu, std::uint64_t physical_counter, std::uint64_t counter_hz) const {
  arch::copy_bytes(vcpu.x, from_.x, sizeof vcpu.x);
  vcpu.pc = from_.pc;
  vcpu.pstate = from_.pstate;
  arch::copy_bytes(&vcpu.el1, &from_.el1, sizeof from_.el1);
  arch::copy_bytes(vcpu.fp.v, from_.v, sizeof from_.v);
  vcpu.fp.fpcr = from_.fpcr;
  vcpu.fp.fpsr = from_.fpsr;

  const std::uint64_t counter = convert_ticks(from_.counter, from_.counter_hz, counter_hz);
  vcpu.cntvoff = physical_counter - counter;
  vcpu.el1.cntv_ctl = from_.el1.cntv_ctl & (arch::cnt::enable | arch::cnt::imask);
  vcpu.el1.cntv_cval = converted_timer(from_.el1.cntv_cval, from_.counter, from_.counter_hz, counter, counter_hz);

  vcpu.domcall_registered = from_.domcall_registered == 1;
  if (!vcpu.domcall_registered) return;
  // As domcall_register leaves it.
  El1Context& start = vcpu.domcall.start;
  start = {};
  start.ttbr0 = from_.domcall_el1.ttbr0;
  start.vbar = from_.domcall_el1.vbar;
  start.sp_el1 = from_.domcall_el1.sp_el1;
  arch::copy_bytes(&start.sctlr, &from_.domcall_el1.sctlr, offsetof(El1Context, elr) - offsetof(El1Context, sctlr));
  vcpu.domcall.entry = from_.domcall_entry;
}

}  // namespace avz
