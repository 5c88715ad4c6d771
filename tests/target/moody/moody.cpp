// An ME whose name says in which callback it does what: "test.pre_suspend-crash", or what it does only where it arrives:
// "test.pre_resume-crash-there". In the others it behaves: it propagates, and accepts what it is asked for.
#include <so3/delay.h>
#include <vlogs/vlogs.h>
#include <me/me.hpp>

#include <array>
#include <string_view>

namespace {

struct Mood {
  std::string_view callback, deed;
  bool there;  // only where it arrives
};

Mood mood() {
  std::string_view name = get_me_name();
  name.remove_prefix(name.find('.') + 1);
  const auto dash = name.find('-');
  const auto last = name.rfind('-');
  return {name.substr(0, dash), name.substr(dash + 1, last == dash ? name.npos : last - dash - 1), last != dash};
}

// Wherever it is: none of these is its to choose.
void nonsense() {
  unsigned refused = 0;
  const std::array wanted{-1,
                          ME_state_booting + 0,
                          ME_state_preparing + 0,
                          ME_state_suspended + 0,
                          ME_state_migrating + 0,
                          ME_state_dead + 0,
                          9,
                          77,
                          1 << 30};
  const int before = get_ME_state();
  for (const int state : wanted) refused += !me::set_state(static_cast<me::State>(state));
  logs("%u of %u refused, %s", refused, static_cast<unsigned>(wanted.size()),
       get_ME_state() == before ? "nothing changed" : "CHANGED");
}

template <typename T>
const char* name(const me::Result<T>& result) {
  return me_status_name(result ? ME_OK : static_cast<int>(result.error()));
}

// What a thread may ask of the agency: about the witness, who is a stranger.
void ask() {
  constexpr std::uint32_t witness = 2;
  const auto state = me::state_of(witness);
  const auto devices = me::has_device_class(DEVCAPS_CLASS_LED);
  const auto local = me::cooperate_locally();
  const auto killed = me::kill(witness);
  logs("asked: %s, %s, %s, %s", name(state), name(devices), name(local), name(killed));
}

// What the callback returns.
int act(std::string_view callback) {
  logs("cb_%s in %s", callback.data(), get_ME_state_name(static_cast<ME_state_t>(get_ME_state())));
  const Mood mine = mood();
  if (mine.callback != callback || (mine.there && me::state() != me::State::migrating)) return 0;
  if (mine.deed == "wait")
    for (;;) msleep(1000);
  if (mine.deed == "spin")
    for (;;) asm volatile("");
  if (mine.deed == "crash") *reinterpret_cast<volatile int*>(0x4000'0000) = 1;
  if (mine.deed == "refuse") return -1;
  if (mine.deed == "nonsense") nonsense();
  if (mine.deed == "ask") ask();
  if (mine.deed == "dormant") return me::set_state(me::State::dormant) ? 0 : -1;
  if (mine.deed == "wake" && me::state() == me::State::dormant) return me::set_state(me::State::living) ? 0 : -1;
  return 0;
}

// Does as it is told, unless it is in the mood not to.
int obey(std::string_view callback, me::State state) {
  const int value = act(callback);
  if (value != 0 || (mood().callback == callback && mood().deed != "ask")) return value;
  return me::set_state(state) ? 0 : -1;
}

}  // namespace

int cb_pre_propagate(soo_domcall_arg_t* args) {
  args->u.pre_propagate_args.propagate_status = PROPAGATE_STATUS_YES;
  return act("pre_propagate");
}
int cb_pre_activate(soo_domcall_arg_t*) { return act("pre_activate"); }
int cb_cooperate(soo_domcall_arg_t*) { return act("cooperate"); }
int cb_kill_me(soo_domcall_arg_t*) { return obey("kill_me", me::State::killed); }
int cb_pre_suspend(soo_domcall_arg_t*) { return act("pre_suspend"); }
int cb_pre_resume(soo_domcall_arg_t*) { return act("pre_resume"); }
int cb_post_activate(soo_domcall_arg_t*) { return act("post_activate"); }
int cb_force_terminate() { return obey("force_terminate", me::State::terminated); }

void* app_thread_main(void*) {
  logs("here");
  if (mood().deed == "wake") set_ME_state(ME_state_dormant);
  for (;;) {
    msleep(20);
    logs("still here");
  }
}
