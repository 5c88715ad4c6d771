// What a backend does when its frontend changes state: every pair of states, the same for every device.
//
// The frontend's side of it is so3/guest/vbus/machine.hpp; the order of both is in abi/vbus.hpp.
#pragma once
#include <cstdint>

#include "so3/abi/vbus.hpp"

namespace agency::backend {

using abi::vbus::State;

enum class Action : std::uint8_t {
  none,
  expect,   // the frontend came with an ME from elsewhere: a backend is here, it may publish anew
  connect,  // it has published: map, bind, serve
  quiet,    // it is quiet: take over what is in the ring, then leave it alone
  resume,   // it goes on: so does the device
  wake,     // it is quiet, and nobody asked: it may go on
  close,    // it wants to end: take over what is in the ring, let go of all
  forget,   // it is no longer there
};

struct Move {
  Action action;
  State next;  // of the backend, once the action succeeded; unknown: there is none
};

// `own`: unknown, as long as there is no backend for this frontend.
constexpr Move follow(State own, State frontend) {
  const Move stay{Action::none, own};
  if (frontend == State::closing) return {Action::close, State::closed};
  if (frontend == State::unknown || frontend == State::closed)
    return own == State::unknown ? stay : Move{Action::forget, State::unknown};
  switch (own) {
    case State::unknown:
      if (frontend == State::initialised) return {Action::connect, State::connected};
      if (frontend == State::suspended) return {Action::expect, State::reconfiguring};
      return stay;
    case State::connected:
      // Too late to be suspended with the others: it was slow, and they have been resumed since.
      if (frontend == State::suspended) return {Action::wake, State::resuming};
      return stay;
    case State::suspending:
      if (frontend == State::suspended) return {Action::quiet, State::suspended};
      return stay;
    case State::resuming:
      if (frontend == State::connected) return {Action::resume, State::connected};
      return stay;
    case State::reconfiguring:
      if (frontend == State::reconfigured) return {Action::connect, State::connected};
      return stay;
    case State::closed:
      if (frontend == State::initialised) return {Action::connect, State::connected};
      return stay;
    default: return stay;  // suspended waits for the agency; no backend is in any other state
  }
}

// What the agency asks for: a backend in another state has nothing to do with it.
constexpr State suspend(State own) { return own == State::connected ? State::suspending : own; }
constexpr State resume(State own) {
  return own == State::suspending || own == State::suspended ? State::resuming : own;
}

// On the way from one state to another: the frontend, or the device, has to do something first.
constexpr bool passing(State own) {
  return own == State::suspending || own == State::resuming || own == State::reconfiguring;
}

}  // namespace agency::backend
