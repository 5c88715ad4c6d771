// An ME from its first thread to its application.
#include <me/me.h>

#include "libme/application.hpp"
#include "libme/calls.hpp"
#include "libme/identity.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/guest/callbacks.hpp"
#include "so3/guest/hypercall.hpp"
#include "so3/kernel/include/so3/init.h"
#include "so3/kernel/include/so3/panic.h"

namespace me {
namespace {

constexpr guest::Callbacks callbacks{
    .domcall = run_domcall, .dc_event = run_dc_event, .changed = start_application_when_due};

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
