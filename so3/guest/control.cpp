// The control thread: dc_events, one after the other, and changes of state.
#include <atomic>

#include "so3/guest/callbacks.hpp"
#include "so3/guest/domcall.hpp"
#include "so3/guest/events.hpp"
#include "so3/kernel/domcall.hpp"
#include "so3/kernel/include/so3/domcall.h"
#include "so3/kernel/include/so3/printk.h"
#include "so3/kernel/include/so3/semaphore.hpp"
#include "so3/kernel/include/so3/thread.h"
#include "so3/kernel/scheduler.hpp"
#include "so3/kernel/shared.hpp"

namespace guest {
namespace {

// Before the author's threads: while the agency waits for an answer, nothing else of this ME matters.
constexpr std::uint32_t priority = THREAD_PRIO_MAX - 4;

const Callbacks* callbacks = nullptr;
so3::Semaphore signalled;
const tcb_t* control_thread = nullptr;
std::atomic<abi::DcEvent> current_event = abi::DcEvent::none;

void answer(abi::DcEvent event, std::uint32_t argument) {
  current_event = event;
  const std::int32_t result = callbacks->dc_event(event, argument);
  current_event = abi::DcEvent::none;
  // Refused when the agency has given up on the answer meanwhile.
  if (!hypercall::dc_event_done(event, result))
    printk(KERN_WARNING "%s: the agency did not wait for the answer\n", abi::name(event).data());
}

int run_control(void*) {
  control_thread = current();
  kernel::current_thread().resumes_devices = true;
  for (;;) {
    signalled.down();
    kernel::follow_trace();
    callbacks->changed();
    const auto event = static_cast<abi::DcEvent>(kernel::read_shared(kernel::shared().dc_event));
    if (event == abi::DcEvent::none) continue;
    answer(event, kernel::read_shared(kernel::shared().dc_argument));
    callbacks->changed();
  }
}

}  // namespace

hypercall::Result<void> accept_calls(const Callbacks& table) {
  callbacks = &table;
  set_domcall_handler(table.domcall);
  tcb_t* const thread = kernel_thread(run_control, "control", nullptr, priority);
  if (thread == nullptr) return std::unexpected{abi::Status::no_memory};
  thread_detach(thread);
  const auto handled = events().set(abi::port_control, [](void*) { signalled.up(); }, nullptr);
  if (!handled) return handled;
  signalled.up();  // for what came before the handler
  return hypercall::domcall_register(kernel::domcall_entry(), kernel::domcall_stack_top());
}

CallContext call_context() {
  CallContext context;
  if (in_domcall()) {
    context.domcall = current_domcall().number;
    context.cooperation_target = current_domcall().cooperation_target;
  } else if (current() == control_thread && current_event != abi::DcEvent::none) {
    context.dc_event = current_event;
  }
  return context;
}

}  // namespace guest
