// What a frontend does when its backend changes state: every pair of states, the same for every device.
#pragma once
#include <cstdint>

#include "so3/abi/vbus.hpp"

namespace vbus {

using abi::vbus::State;

enum class Action : std::uint8_t {
  none,        // nothing to do, or not yet
  connect,     // the backend uses the ring: so may the frontend
  suspend,     // be quiet, then say so
  resume,      // go on where it was
  renew,       // a new backend, after arrival: grant and publish again
  release,     // the backend has let go of everything: end grants, close channels
  refused,     // the backend does not want this frontend
  unexpected,  // a peer that follows abi/vbus.hpp does not do this; ignored and logged
};

struct Step {
  Action action;
  State next;  // of the frontend, once the action is done
};

constexpr Step step(State own, State backend) {
  const Step stay{Action::none, own};
  const Step wrong{Action::unexpected, own};
  if (backend == State::unknown || backend == own) {
    // Not written yet, or both say the same; only "connected" is news to a frontend, and never from itself.
    return stay;
  }
  switch (own) {
    case State::initialised:
      if (backend == State::connected) return {Action::connect, State::connected};
      if (backend == State::closing || backend == State::closed) return {Action::refused, State::closed};
      if (backend == State::initialising || backend == State::init_wait) return stay;
      return wrong;
    case State::connected:
      if (backend == State::suspending) return {Action::suspend, State::suspended};
      if (backend == State::reconfiguring) return {Action::renew, State::reconfigured};
      if (backend == State::closing) return stay;
      if (backend == State::closed) return {Action::release, State::closed};
      if (backend == State::resuming) return stay;  // its last word before "connected"
      return wrong;
    case State::suspended:
      if (backend == State::resuming) return {Action::resume, State::connected};
      if (backend == State::reconfiguring) return {Action::renew, State::reconfigured};
      if (backend == State::closed) return {Action::release, State::closed};
      // A fresh backend says these before "reconfiguring".
      if (backend == State::suspending || backend == State::initialising || backend == State::init_wait) return stay;
      return wrong;
    case State::reconfigured:
      if (backend == State::connected) return {Action::connect, State::connected};
      if (backend == State::closing || backend == State::closed) return {Action::refused, State::closed};
      if (backend == State::reconfiguring) return stay;
      return wrong;
    case State::closing:
      if (backend == State::closed) return {Action::release, State::closed};
      return stay;  // what the backend said before it saw "closing"
    case State::closed: return stay;
    default: return wrong;  // no frontend is in any other state once it watches its backend
  }
}

}  // namespace vbus
