#include "so3/avz/cpus.hpp"
#include "so3/avz/domcall.hpp"
#include "so3/avz/remote.hpp"
#include "so3/avz/trace.hpp"

namespace avz {
namespace {

void take_tables(Cpu& self, TraceRing* ring) {
  const bool traced = ring != nullptr;
  {
    LockGuard guard{self.queue.lock};
    self.queue.for_each_member([&](Vcpu& v) { v.calls = traced ? v.calls->traced : v.calls->silent; });
  }
  if (self.index == 0) switch_domcalls(traced);
  if (self.current != nullptr) self.calls = self.current->calls;
  self.trace = ring;
  set_vectors(traced);
  if (self.current != nullptr) trace(abi::trace::Kind::vcpu_in, self.current->slot, 0);
}

// Valid while switch_tracing() runs.
constinit TraceRing* all_rings = nullptr;

void take_tables_here(Cpu& self, Vcpu&) { take_tables(self, all_rings == nullptr ? nullptr : &all_rings[self.index]); }

}  // namespace

void switch_tracing(TraceRing* rings) {
  all_rings = rings;
  Cpu& self = this_cpu();
  for (std::uint32_t i = 0; i < cpu_count(); i++) run_on(cpu(i), take_tables_here, *self.current);
}

}  // namespace avz
