// SOO.refso3, the reference mobile entity: copy it to begin your own.
//
// It logs its letter and where it lives, twice a second. It wants to be everywhere: a copy of it goes to every neighbour,
// with the next letter on each trip. Where a refso3 lives already, the newcomer replaces it and takes over where it was.
#include <so3/delay.h>
#include <vlogs/vlogs.h>
#include <algorithm>
#include <me/me.hpp>

namespace {

// What others see of this ME when it cooperates: plain data in a page of its own. It goes wherever this ME goes.
struct Journey {
  static constexpr std::uint64_t species = 0x0010000000000001;  // the spid of the device tree
  static constexpr std::uint32_t version = 1;
  static constexpr std::uint32_t places_max = 64;

  char letter;
  std::uint32_t places;  // how many follow
  std::uint64_t visited[places_max];  // agency UIDs of the smart objects it has been at, in order

  void visit(std::uint64_t place) {
    if (places >= places_max) return;  // and so of whoever claims to have been at more
    const auto end = visited + places;
    if (std::find(visited, end, place) == end) visited[places++] = place;
  }
};
me::SharedPage<Journey> journey;

}  // namespace

// Boot: before all else. Allocate here, set up locks; no device is there yet.
void callbacks_init() {
  spad_reset();
  journey->letter = 'A';
  journey.show();
}

// The application, once the ME is living.
void* app_thread_main(void*) {
  spad_enable_cooperate();
  for (;;) {
    logs("%c in domain %u", journey->letter, ME_domID());
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
int cb_pre_activate(soo_domcall_arg_t*) {
  if (journey->places > 0) journey->letter = journey->letter == 'Z' ? 'A' : static_cast<char>(journey->letter + 1);
  if (const auto here = me::agency_uid()) journey->visit(here->value);
  return 0;
}

// Meet the others: as the one who arrives, or as the one who was here.
int cb_cooperate(soo_domcall_arg_t* args) {
  const me::Cooperation cooperation{*args};
  if (cooperation.alone() || cooperation.peer().spid != me::spid()) return 0;  // of other species it wants nothing
  if (cooperation.role() == me::Role::initiator) return cooperation.cooperate(journey) ? 0 : -1;

  // The newcomer stays. What this one has seen and the newcomer has not is written into its page.
  auto* const newcomer = cooperation.page().as<Journey>();
  if (newcomer == nullptr) return -1;  // a refso3 of another version
  for (std::uint32_t i = 0; i < journey->places; ++i) newcomer->visit(journey->visited[i]);
  return me::set_state(me::State::terminated) ? 0 : -1;
}

// Somebody asks this ME to end at once: it agrees.
int cb_kill_me(soo_domcall_arg_t*) { return me::set_state(me::State::killed) ? 0 : -1; }

// The place closes down. This one runs in a thread of the ME: save what must be saved, then agree.
int cb_force_terminate() { return me::set_state(me::State::terminated) ? 0 : -1; }
