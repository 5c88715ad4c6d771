#include "so3/avz/remote.hpp"

#include "so3/plat/gic/gic.hpp"

namespace avz {

void run_on(Cpu& target, void (*work)(Cpu&, Vcpu&), Vcpu& vcpu) {
  if (&target == &this_cpu()) return work(target, vcpu);
  target.remote_vcpu = &vcpu;
  target.remote_work.store(work, std::memory_order_release);
  plat::gic::send_sgi(target.place, static_cast<std::uint32_t>(Sgi::look));
  while (target.remote_work.load(std::memory_order_acquire) != nullptr) arch::yield();
}

void serve_remote(Cpu& self) {
  const auto work = self.remote_work.load(std::memory_order_acquire);
  if (work == nullptr) return;
  work(self, *self.remote_vcpu);
  self.remote_work.store(nullptr, std::memory_order_release);
}

}  // namespace avz
