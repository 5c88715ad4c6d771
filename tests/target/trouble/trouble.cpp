// An ME that does what an ME must not, as its name says. What others notice of it is the test.
#include "tests/target/trouble/trouble.hpp"

#include <so3/delay.h>
#include <vlogs/vlogs.h>
#include <me/me.hpp>

#include <string_view>

namespace {

bool am(std::string_view kind) {
  std::string_view name = get_me_name();
  name.remove_prefix(name.find('.') + 1);
  return name == kind;
}

void fault() { *reinterpret_cast<volatile int*>(0x4000'0000) = 1; }

[[noreturn]] void spin() {
  for (;;) asm volatile("");
}

}  // namespace

void callbacks_init() {
  if (am("init_fault")) fault();
}

int cb_pre_activate(soo_domcall_arg_t*) {
  if (am("refusing")) set_ME_state(ME_state_killed);
  if (am("blocking")) msleep(1000);
  return 0;
}

int cb_cooperate(soo_domcall_arg_t*) {
  if (am("overrun")) spin();
  return 0;
}

int cb_force_terminate() {
  if (am("stubborn")) return -1;
  return me::set_state(me::State::terminated) ? 0 : -1;
}

void* app_thread_main(void*) {
  logs("here");
  if (am("fault")) fault();
  if (am("loop")) spin();
  if (am("storm")) signal_without_end();
  if (am("garbage")) logs("survived %u hypercalls", make_garbage_hypercalls());
  if (am("chatty"))
    for (unsigned i = 0; i < 5000; ++i)
      logs("line %u of 5000, and some words to make it as long as a line may well be", i);
  for (;;) msleep(1000);
}
