#include <me/me.hpp>

#include <initializer_list>

#include "so3/abi/lifecycle.hpp"
#include "so3/guest/callbacks.hpp"
#include "so3/guest/hypercall.hpp"
#include "so3/guest/last_words.hpp"
#include "so3/kernel/include/so3/printk.h"
#include "so3/kernel/shared.hpp"

namespace me {
namespace {

using abi::Context;

static_assert(ME_state_booting == static_cast<int>(abi::State::booting));
static_assert(ME_state_living == static_cast<int>(abi::State::living));
static_assert(ME_state_dead == static_cast<int>(abi::State::dead) && abi::state_count == 9);
static_assert(ME_ETOOBIG == static_cast<int>(abi::Status::too_big) &&
              ME_EDENIED == static_cast<int>(abi::Status::denied));

abi::State now() { return static_cast<abi::State>(kernel::read_shared(kernel::shared().state)); }

bool may_change(abi::State from, abi::State to, const guest::CallContext& where) {
  // An ME becomes "preparing" when it has booted, which is not for its author to say.
  if (to == abi::State::preparing) return false;
  const auto allowed = [&](Context context) {
    return abi::find_transition(from, to, abi::Actor::me, context) != nullptr;
  };
  if (allowed(Context::any)) return true;
  if (where.domcall && allowed(Context::domcall)) return true;
  const bool terminating = where.cooperation_target || where.dc_event == abi::DcEvent::force_terminate;
  return terminating && allowed(Context::force_terminate);
}

// Where the same change would be right.
const char* remedy(abi::State from, abi::State to) {
  for (const auto& transition : abi::lifecycle) {
    if (transition.from != from || transition.to != to || transition.actor != abi::Actor::me) continue;
    switch (transition.context) {
      case Context::domcall: return "only in a domcall (cb_pre_propagate, cb_pre_activate, cb_cooperate, cb_kill_me)";
      case Context::force_terminate: return "only in cb_force_terminate, or in cb_cooperate as target";
      case Context::any: break;
    }
  }
  return "an ME cannot make this change; see the lifecycle table in the manual";
}

void refuse(abi::State from, abi::State to, const char* why) {
  printk(KERN_ERR "set_ME_state: %s -> %s refused: %s\n", abi::name(from).data(), abi::name(to).data(), why);
}

}  // namespace

Result<void> set_state(State state) {
  const auto from = now();
  const auto to = abi::state_from(static_cast<std::uint64_t>(state));
  if (!to) {
    printk(KERN_ERR "set_ME_state: %d is no state\n", static_cast<int>(state));
    return std::unexpected{Error::invalid};
  }
  if (!may_change(from, *to, guest::call_context())) {
    refuse(from, *to, remedy(from, *to));
    return std::unexpected{Error::wrong_state};
  }
  if (const auto changed = hypercall::set_state(*to); !changed) {
    refuse(from, *to, abi::name(changed.error()).data());  // the state changed meanwhile
    return std::unexpected{static_cast<Error>(changed.error())};
  }
  if (*to == abi::State::killed) guest::last_words();
  return {};
}

}  // namespace me

int get_ME_state(void) { return static_cast<int>(me::now()); }

void set_ME_state(ME_state_t state) { static_cast<void>(me::set_state(static_cast<me::State>(state))); }

const char* get_ME_state_name(ME_state_t state) { return abi::name(static_cast<abi::State>(state)).data(); }

const char* me_status_name(int status) { return abi::name(static_cast<abi::Status>(status)).data(); }
