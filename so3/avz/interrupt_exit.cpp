#include "so3/avz/interrupt_exit.hpp"

#include "so3/avz/context.hpp"
#include "so3/avz/counter.hpp"
#include "so3/avz/domcall.hpp"
#include "so3/avz/interrupts.hpp"
#include "so3/avz/objects.hpp"
#include "so3/avz/remote.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/timers.hpp"
#include "so3/plat/qemu_virt/board.hpp"

namespace avz {
namespace {

void on_hypervisor_timer(Cpu& self) {
  const auto time = now();
  hypervisor_timer_off();
  expire_timers(self, time);
  if (self.budget_since != 0 && time - self.budget_since >= ticks_per_second()) domcall_over_budget(self);
  if (self.slice_end != 0 && time >= self.slice_end) {
    self.slice_end = 0;
    if (self.current != nullptr) yield(*self.current);
  }
  if (self.current != nullptr) {
    bool others;
    {
      LockGuard guard{self.queue.lock};
      others = self.queue.anyone_ready();
    }
    if (others) begin_slice(self);
  }
  program_timer(self);
}

// Another CPU put somebody into this CPU's queue, or wants something done here.
void on_look(Cpu& self) {
  serve_remote(self);
  bool others;
  {
    LockGuard guard{self.queue.lock};
    others = self.queue.anyone_ready();
  }
  if (others) begin_slice(self);
}

}  // namespace

void handle_interrupt(Cpu& self, plat::gic::Interrupt interrupt) {
  const auto id = interrupt.id();
  if (interrupt.spurious()) return;
  if (id == plat::board.ppi_virtual_timer) on_virtual_timer(self);  // a level: off before it is ended
  if (id >= first_device_interrupt) plat::gic::disable_line(id);
  plat::gic::end(interrupt);

  if (id == static_cast<std::uint32_t>(Sgi::events)) {
    if (self.current != nullptr) raise_virtual_interrupt();
  } else if (id == static_cast<std::uint32_t>(Sgi::look)) {
    on_look(self);
  } else if (id == plat::board.ppi_hypervisor_timer) {
    on_hypervisor_timer(self);
  } else if (id >= first_device_interrupt) {
    device_interrupt(id);
  }
}

bool interrupt_exists(std::uint32_t id) { return id >= first_device_interrupt && id < plat::gic::line_count(); }
void interrupt_enable(std::uint32_t id) { plat::gic::enable_line(id); }
void interrupt_disable(std::uint32_t id) { plat::gic::disable_line(id); }

}  // namespace avz
