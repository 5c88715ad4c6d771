// An ME from its first thread to its application.
#include <me/me.h>

#include <atomic>

#include "libme/calls.hpp"
#include "libme/identity.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/guest/callbacks.hpp"
#include "so3/guest/hypercall.hpp"
#include "so3/kernel/include/so3/init.h"
#include "so3/kernel/include/so3/panic.h"
#include "so3/kernel/include/so3/thread.h"

namespace me {
namespace {

int run_application(void*) {
  app_thread_main(nullptr);
  return 0;
}

// In the control thread.
void state_changed() {
  static bool started = false;
  if (started || get_ME_state() != ME_state_living) return;
  started = true;
  tcb_t* const thread = kernel_thread(run_application, "app_thread_main", nullptr, THREAD_PRIO_DEFAULT);
  if (thread == nullptr) panic("no memory for app_thread_main: raise domain-size");
  thread_detach(thread);
}

constexpr guest::Callbacks callbacks{.domcall = run_domcall, .dc_event = run_dc_event, .state_changed = state_changed};

int boot() {
  read_identity();
  publish_identity();
  if (const auto accepted = guest::accept_calls(callbacks); !accepted)
    panic("avz lets no one call this ME: %s", abi::name(accepted.error()).data());
  callbacks_init();
  if (const auto prepared = hypercall::set_state(abi::State::preparing); !prepared)
    panic("%s -> ME_state_preparing: %s", get_ME_state_name(static_cast<ME_state_t>(get_ME_state())),
          abi::name(prepared.error()).data());
  return 0;
}

INITCALL(app, boot);

}  // namespace
}  // namespace me

// Named on the linker's command line, so that a capsule has this file in it.
extern "C" const char me_boot = 1;
