#include "so3/guest/vbus/gate.hpp"

#include "so3/guest/context.hpp"

namespace vbus {

using LockGuard = so3::LockGuard<so3::Mutex>;

void Gate::open() {
  state_ = State::open;
  resumed_.complete_all();
}

void Gate::close(State state) {
  if (state == State::suspended) resumed_.reset();
  state_ = state;
  signal_.up();  // whoever waits inside looks again, and leaves
  {
    const LockGuard nobody_inside{inside_};
  }
  if (state == State::shut) resumed_.complete_all();
}

bool Gate::wait_until_resumed() {
  if (!guest::may_wait_for_devices()) return false;
  while (is_suspended()) resumed_.wait();
  return true;
}

void Gate::enter() {
  inside_.lock();
  while (is_suspended()) {
    inside_.unlock();
    const bool look_again = wait_until_resumed();
    inside_.lock();
    if (!look_again) return;
  }
}

void Gate::wait_inside() {
  if (is_open()) signal_.down();
  if (!is_suspended()) return;
  inside_.unlock();
  enter();
}

}  // namespace vbus
