// What an ME does whose author did not write the callback.
#include <me/me.h>

#define DEFAULT extern "C" [[gnu::weak]]

DEFAULT int cb_pre_propagate(soo_domcall_arg_t* args) {
  args->u.pre_propagate_args.propagate_status = PROPAGATE_STATUS_NO;
  return 0;
}
DEFAULT int cb_pre_activate(soo_domcall_arg_t*) { return 0; }
DEFAULT int cb_cooperate(soo_domcall_arg_t*) { return 0; }
DEFAULT int cb_kill_me(soo_domcall_arg_t*) { return -1; }
DEFAULT int cb_pre_suspend(soo_domcall_arg_t*) { return 0; }
DEFAULT int cb_pre_resume(soo_domcall_arg_t*) { return 0; }
DEFAULT int cb_post_activate(soo_domcall_arg_t*) { return 0; }
DEFAULT int cb_force_terminate(void) {
  set_ME_state(ME_state_terminated);
  return 0;
}
DEFAULT void callbacks_init(void) {}
