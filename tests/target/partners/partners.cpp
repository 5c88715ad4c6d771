// An ME that cooperates as its name says. It tells what it was called with, and what it was answered.
#include <so3/delay.h>
#include <vlogs/vlogs.h>
#include <me/me.hpp>

#include <string_view>

namespace {

struct Greeting {
  static constexpr std::uint64_t species = 0x00f0000000000010;
  static constexpr std::uint32_t version = 1;
  std::uint32_t from;
  std::uint32_t answered;
};
me::SharedPage<Greeting> greeting;

Greeting* kept = nullptr;

bool am(std::string_view kind) {
  std::string_view name = get_me_name();
  name.remove_prefix(name.find('.') + 1);
  return name == kind;
}

const char* name(me::Result<void> result) { return me_status_name(result ? ME_OK : static_cast<int>(result.error())); }

void ask_nonsense(std::uint32_t peer) {
  unsigned refused = 0, asked = 0;
  for (const std::uint32_t slot : {0U, 1U, ME_domID(), 77U, 258U, ~0U})
    for (const std::uint32_t command : {0U, 0x10U, 0x11U, 0x12U, 0x13U, 0x14U, 0x50U, ~0U}) {
      agency_ctl_args_t args{.slotID = slot, .cmd = command, .u = {}};
      args.u.cooperate_args.pfn = slot * 0x1234567ULL;
      args.u.cooperate_args.page_bytes = ~slot;
      ++asked;
      if (agency_ctl(&args) != ME_OK) ++refused;
    }
  // Pages that are not to be shown: avz's, the shared one, beyond the end.
  for (const std::uint64_t pfn : {0x40200ULL, 0x1000000ULL, 0x1000200ULL + 0x100, ~0ULL >> 12}) {
    agency_ctl_args_t args{.slotID = peer, .cmd = AG_COOPERATE, .u = {}};
    args.u.cooperate_args.pfn = pfn;
    ++asked;
    if (agency_ctl(&args) != ME_OK) ++refused;
  }
  logs("refused %u of %u", refused, asked);
}

int as_initiator(const me::Cooperation& with) {
  if (with.alone()) {
    logs("alone");
    return 0;
  }
  logs("initiator with %u, willing %u", with.peer().slotID, with.peer().spad.valid);
  if (am("garbage")) ask_nonsense(with.peer().slotID);
  if (am("cruel")) {
    logs("kill: %s", name(with.kill_peer()));
    return 0;
  }
  greeting->from = ME_domID();
  const auto called =
      am("newer") ? with.cooperate(&greeting, sizeof(Greeting), Greeting::version + 1) : with.cooperate(greeting);
  logs("called: %s, answered by %u", name(called), greeting->answered);
  if (am("stalling")) msleep(1);
  while (am("endless")) asm volatile("");
  return 0;
}

int as_target(const me::Cooperation& with) {
  auto* const page = with.page().as<Greeting>();
  logs("target of %u, page from %u", with.peer().slotID, page != nullptr ? page->from : 0);
  if (page != nullptr) page->answered = ME_domID();
  if (am("keeper")) kept = page;
  if (am("yielding")) set_ME_state(ME_state_terminated);
  if (am("cruel")) logs("kill: %s", name(with.kill_peer()));
  if (am("blocking")) msleep(1);
  while (am("overrun")) asm volatile("");
  return 0;
}

}  // namespace

void callbacks_init() {
  greeting.show();
  static_cast<void>(me::expect_page<Greeting>());
}

int cb_cooperate(soo_domcall_arg_t* args) {
  const me::Cooperation with{*args};
  return with.role() == me::Role::initiator ? as_initiator(with) : as_target(with);
}

int cb_kill_me(soo_domcall_arg_t*) {
  if (am("pacifist")) return -1;
  return me::set_state(me::State::killed) ? 0 : -1;
}

void* app_thread_main(void*) {
  logs("here");
  if (am("eager")) logs("local: %s", name(me::cooperate_locally()));
  if (am("beggar"))
    for (std::uint32_t slot = 2; slot < 6; ++slot)
      if (slot != ME_domID()) logs("kill %u: %s", slot, name(me::kill(slot)));
  if (am("curious")) {
    const auto blind = me::has_devices(DEVCAPS_CLASS_DOMOTICS, DEVCAP_BLIND_MOTOR);
    const auto weather = me::has_devices(DEVCAPS_CLASS_DOMOTICS, DEVCAP_WEATHER_DATA);
    const auto led = me::has_device_class(DEVCAPS_CLASS_LED);
    const auto both = me::has_devices(DEVCAPS_CLASS_DOMOTICS, DEVCAP_BLIND_MOTOR | DEVCAP_WEATHER_DATA);
    logs("blind %d, weather %d, both %d, led %d", blind.value_or(false), weather.value_or(false), both.value_or(false),
         led.value_or(false));
    const auto other = me::state_of(2);
    logs("slot 2: %s", get_ME_state_name(other ? static_cast<ME_state_t>(*other) : ME_state_dead));
  }
  for (;;) {
    msleep(100);
    if (kept != nullptr) kept->answered = 7;
  }
}
