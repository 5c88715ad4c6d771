// The one lifecycle table. avz enforces it, the agency drives it, libme reports it, tests enumerate it,
// and the manual's tables are generated from it (tools/manual). Numbers and names are those of the published interface.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace abi {

enum class State : std::uint32_t {
  booting = 0,
  preparing = 1,
  living = 2,
  suspended = 3,
  migrating = 4,
  dormant = 5,
  killed = 6,
  terminated = 7,
  dead = 8,
};
inline constexpr std::uint32_t state_count = 9;

// Who may ask. `me` is the domain's own set_ME_state; avz itself performs what is marked `avz`.
enum class Actor : std::uint8_t { avz, agency, me };

// Where the domain is when it asks: some changes are for callbacks only.
enum class Context : std::uint8_t {
  any,
  domcall,  // pre_propagate, pre_activate, cooperate, kill_me
  force_terminate,  // cb_force_terminate, or as a cooperation target
};

struct Transition {
  State from, to;
  Actor actor;
  Context context;
  std::string_view when;
};

// clang-format off
inline constexpr Transition lifecycle[] = {
  {State::dead,       State::booting,    Actor::avz,    Context::any,             "injection"},
  {State::booting,    State::preparing,  Actor::me,     Context::any,             "early initialisation and callbacks_init done"},
  {State::preparing,  State::living,     Actor::agency, Context::any,             "cb_pre_activate, cb_cooperate done, frontends connected"},
  {State::dead,       State::migrating,  Actor::avz,    Context::any,             "arrival, restore"},
  {State::migrating,  State::living,     Actor::agency, Context::any,             "arrival or restore sequence done"},
  {State::living,     State::suspended,  Actor::agency, Context::any,             "cb_pre_suspend done, frontends and vbstore suspended"},
  {State::suspended,  State::living,     Actor::agency, Context::any,             "cb_pre_resume, resume, cb_post_activate done"},
  {State::preparing,  State::dormant,    Actor::me,     Context::any,             "the ME rests; frontends suspended, vCPU stopped"},
  {State::migrating,  State::dormant,    Actor::me,     Context::any,             "the ME rests; frontends suspended, vCPU stopped"},
  {State::living,     State::dormant,    Actor::me,     Context::any,             "the ME rests; frontends suspended, vCPU stopped"},
  {State::migrating,  State::dormant,    Actor::agency, Context::any,             "restored: it was dormant when its snapshot was taken"},
  {State::dormant,    State::living,     Actor::me,     Context::domcall,         "the ME wakes itself; vCPU and frontends resume"},
  {State::preparing,  State::killed,     Actor::me,     Context::domcall,         "reaped when the sequence ends"},
  {State::migrating,  State::killed,     Actor::me,     Context::domcall,         "reaped when the sequence ends"},
  {State::living,     State::killed,     Actor::me,     Context::domcall,         "reaped when the sequence ends"},
  {State::dormant,    State::killed,     Actor::me,     Context::domcall,         "reaped when the sequence ends"},
  {State::preparing,  State::terminated, Actor::me,     Context::force_terminate, "orderly end: frontends closed, store cleaned, grants ended"},
  {State::migrating,  State::terminated, Actor::me,     Context::force_terminate, "orderly end: frontends closed, store cleaned, grants ended"},
  {State::living,     State::terminated, Actor::me,     Context::force_terminate, "orderly end: frontends closed, store cleaned, grants ended"},
  {State::killed,     State::dead,       Actor::avz,    Context::any,             "reaped; nothing of it remains"},
  {State::terminated, State::dead,       Actor::avz,    Context::any,             "reaped; nothing of it remains"},
};
// clang-format on
inline constexpr std::string_view always_to_dead = "agency destroys it, or avz ends it: fault, budget overrun";

constexpr std::string_view name(State s) {
  constexpr std::string_view names[state_count] = {"ME_state_booting",   "ME_state_preparing",  "ME_state_living",
                                                   "ME_state_suspended", "ME_state_migrating",  "ME_state_dormant",
                                                   "ME_state_killed",    "ME_state_terminated", "ME_state_dead"};
  const auto i = static_cast<std::uint32_t>(s);
  return i < state_count ? names[i] : "ME_state_invalid";
}

constexpr std::string_view name(Actor a) {
  switch (a) {
    case Actor::avz: return "avz";
    case Actor::agency: return "agency";
    case Actor::me: return "ME";
  }
  return "?";
}

constexpr std::string_view name(Context c) {
  switch (c) {
    case Context::any: return "";
    case Context::domcall: return "in a domcall";
    case Context::force_terminate: return "in cb_force_terminate, or as a cooperation target";
  }
  return "?";
}

// The way a number from outside becomes a State.
constexpr std::optional<State> state_from(std::uint64_t v) {
  if (v >= state_count) return std::nullopt;
  return static_cast<State>(v);
}

constexpr const Transition* find_transition(State from, State to, Actor actor, Context context = Context::any) {
  for (const auto& t : lifecycle)
    if (t.from == from && t.to == to && t.actor == actor && (t.context == Context::any || t.context == context))
      return &t;
  return nullptr;
}

}  // namespace abi
