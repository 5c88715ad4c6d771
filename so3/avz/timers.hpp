// Time: the virtual timer of each vCPU, and what the hypervisor timer is for (slices, vCPUs without a CPU, budgets).
#pragma once
#include "so3/avz/cpu.hpp"

namespace avz {

inline constexpr std::uint64_t slices_per_second = 100;
std::uint64_t slice_ticks();

// A vCPU of this CPU may wait for a timer that is not in the hardware. That is so of the only one, too, when the one
// that was loaded has been killed.
inline bool some_not_loaded(const Cpu& self) { return self.queue.members() > 1 || self.loaded == nullptr; }

// When a virtual timer is due, on the machine's counter; ~0: never. Compared in the domain's time, as the hardware
// does: sums of what a guest wrote wrap.
constexpr std::uint64_t due_at(std::uint64_t cval, std::uint64_t cntvoff, std::uint64_t now) {
  const std::uint64_t own = now - cntvoff;
  if (cval <= own) return now;
  const std::uint64_t left = cval - own;
  return left < ~now ? now + left : ~std::uint64_t{0};
}

// The domain is older than its place: its counter is ahead of the machine's, and its offset negative. The architecture
// subtracts modulo 2^64, but QEMU 10 (not 7.2) adds offset and compare value without that, and lets such a timer never
// fire. So the hypervisor timer stands in for it: to the tick while the vCPU waits, to a slice while it runs.
inline bool runs_ahead(const Vcpu& v) { return static_cast<std::int64_t>(v.cntvoff) < 0; }

// Sets the hypervisor timer to the earliest thing there is to do on this CPU.
void program_timer(Cpu& self);

// PPI of the virtual timer: of the vCPU that is loaded. Masked at its source until the domain sets it anew.
void on_virtual_timer(Cpu& self);
// Timers of vCPUs that are not loaded, and that of one which runs ahead.
void expire_timers(Cpu& self, std::uint64_t time);

}  // namespace avz
