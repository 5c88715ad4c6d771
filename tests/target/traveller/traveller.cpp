// An ME that travels, and tells at each place what it has brought along. Some have a peculiarity, as their name says.
#include <so3/delay.h>
#include <so3/time.h>
#include <vlogs/vlogs.h>
#include <me/me.hpp>
#include <so3/mutex.hpp>

#include <mutex>
#include <string_view>

#include "tests/target/traveller/memory.hpp"

namespace {

so3::Mutex lock;
traveller::Memory memory;
bool altered = false;
unsigned hops = 0;
std::uint64_t last_time_ns = 0, longest_gap_ns = 0;
bool time_went_back = false;

bool am(std::string_view kind) {
  std::string_view name = get_me_name();
  name.remove_prefix(name.find('.') + 1);
  return name == kind;
}

void look_at_clock() {
  const auto now = clock_monotonic_ns();
  if (now < last_time_ns) time_went_back = true;
  if (last_time_ns != 0 && now - last_time_ns > longest_gap_ns) longest_gap_ns = now - last_time_ns;
  last_time_ns = now;
}

void go_on() {
  const std::lock_guard hold(lock);
  look_at_clock();
  for (unsigned i = 0; i < traveller::Memory::words_at_once; ++i)
    if (!memory.write()) altered = true;
}

void tell(const char* when) {
  const std::lock_guard hold(lock);
  look_at_clock();
  if (!memory.intact()) altered = true;
  agency_ctl_args_t uid{.slotID = 0, .cmd = AG_AGENCY_UID, .u = {}}, name{.slotID = 0, .cmd = AG_SOO_NAME, .u = {}};
  if (agency_ctl(&uid) != 0 || agency_ctl(&name) != 0) return;
  logs("%s hop %u count %llu checksum %016llx %s gap %llu us%s at %s %016llx", when, hops,
       static_cast<unsigned long long>(memory.count()), static_cast<unsigned long long>(memory.checksum()),
       altered ? "ALTERED" : "intact", static_cast<unsigned long long>(longest_gap_ns / 1000),
       time_went_back ? " TIME WENT BACK" : "", name.u.soo_name, static_cast<unsigned long long>(uid.u.agencyUID));
  longest_gap_ns = 0;
}

}  // namespace

int cb_pre_propagate(soo_domcall_arg_t* args) {
  args->u.pre_propagate_args.propagate_status = am("homebody") ? PROPAGATE_STATUS_NO : PROPAGATE_STATUS_YES;
  return 0;
}

int cb_pre_activate(soo_domcall_arg_t*) {
  const bool arrives = me::state() == me::State::migrating;
  if (arrives) ++hops;
  if (arrives && am("settler")) return -1;  // it likes no place but its own
  if (arrives && am("sleeper")) return me::set_state(me::State::dormant) ? 0 : -1;
  return 0;
}

int cb_pre_suspend(soo_domcall_arg_t*) { return am("homebody") ? -1 : 0; }

int cb_post_activate(soo_domcall_arg_t*) {
  tell("active");
  return 0;
}

void* app_thread_main(void*) {
  tell("born");
  if (am("sleeper")) set_ME_state(ME_state_dormant);
  if (am("chronicler"))
    for (unsigned line = 0;; ++line) logs("line %u", line);
  for (;;) {
    go_on();
    msleep(traveller::Memory::pause_ms);
  }
}
