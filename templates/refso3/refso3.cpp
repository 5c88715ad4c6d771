// SOO.refso3, the reference mobile entity: copy it to begin your own.
//
// It logs its letter and its domain id twice a second. When a travelling refso3 meets another, the traveller stays.
#include <so3/delay.h>
#include <vlogs/vlogs.h>
#include <me/me.hpp>

namespace {

// What others see of this ME when it cooperates: a page of its own with plain data, nothing else in it.
struct alignas(4096) SharedPage {
  char letter;
};
SharedPage shared;

}  // namespace

// Boot: before all else. Allocate here, set up locks; no device is there yet.
void callbacks_init() {
  spad_reset();
  shared.letter = ' ';
}

// The application, once the ME is living.
void* app_thread_main(void*) {
  spad_enable_cooperate();
  shared.letter = 'A';
  for (;;) {
    logs("%c in domain %u", shared.letter, ME_domID());
    msleep(500);
  }
}

// The next four are called by the agency, while this ME stands still: no waiting in them.

// Shall a copy of this ME go to the neighbours? Yes, always.
int cb_pre_propagate(soo_domcall_arg_t* args) {
  args->u.pre_propagate_args.propagate_status = PROPAGATE_STATUS_YES;
  return 0;
}

// Does it make sense to live here? A value other than 0 ends this instance.
int cb_pre_activate(soo_domcall_arg_t*) { return 0; }

// Meet the others: as the one who arrives, or as the one who was here.
int cb_cooperate(soo_domcall_arg_t* args) {
  const me::Cooperation cooperation{*args};
  if (cooperation.role() == me::Role::target) return me::set_state(me::State::terminated) ? 0 : -1;
  if (cooperation.alone()) return 0;
  return cooperation.cooperate(&shared) ? 0 : -1;
}

// Somebody asks this ME to end at once: it agrees.
int cb_kill_me(soo_domcall_arg_t*) { return me::set_state(me::State::killed) ? 0 : -1; }

// The place closes down. This one runs in a thread of the ME: save what must be saved, then agree.
int cb_force_terminate() { return me::set_state(me::State::terminated) ? 0 : -1; }
