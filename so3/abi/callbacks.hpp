// Callbacks of an ME: numbers of the published interface, and how their arguments travel in registers.
#pragma once
#include <cstdint>
#include <string_view>

namespace abi {

// Domcalls run on CPU 0 in the ME's address space. On entry x0 = Domcall, x1..x6 = payload (x2..x7 of domcall_run).
//   pre_propagate  out: word 0 = propagate_status
//   cooperate      in:  word 0 = role | alone << 32, 1 = peer slot | SPAD valid << 32, 2 = spid, 3 = spadcaps, 4 = page IPA,
//                       5 = bytes used of the page | version << 32. The page is the initiator's, shown to the target
//   resume         in:  the answer to agency_ctl, in the words the command names (agency_ctl.hpp)
enum class Domcall : std::uint32_t {
  resume = 0,
  pre_propagate = 1,
  pre_activate = 2,
  cooperate = 3,
  kill_me = 10,
  null = 255,  // returns at once; for measuring
};

// dc_events run in a thread of the ME on the ME's own CPU.
enum class DcEvent : std::uint32_t {
  none = 0,
  pre_suspend = 1,
  suspend = 2,
  resume = 3,
  force_terminate = 4,
  post_activate = 5,
  trigger_dev_probe = 6,
  trigger_local_cooperation = 7,
  pre_resume = 8,
  activate = 9,  // injection: write the identity, connect the frontends, answer when all are up
  close = 10,  // after terminated: close the frontends, clean the store, end the grants, answer
};

// The argument of resume: at a new place nothing that the agency had is there any more.
enum class ResumeAt : std::uint32_t { same_place = 0, new_place = 1 };

enum class Role : std::uint32_t { initiator = 1, target = 2 };

constexpr std::string_view name(Domcall d) {
  switch (d) {
    case Domcall::resume: return "resume";
    case Domcall::pre_propagate: return "cb_pre_propagate";
    case Domcall::pre_activate: return "cb_pre_activate";
    case Domcall::cooperate: return "cb_cooperate";
    case Domcall::kill_me: return "cb_kill_me";
    case Domcall::null: return "null";
  }
  return "unknown domcall";
}

constexpr std::string_view name(DcEvent e) {
  switch (e) {
    case DcEvent::none: return "none";
    case DcEvent::pre_suspend: return "cb_pre_suspend";
    case DcEvent::suspend: return "suspend";
    case DcEvent::resume: return "resume";
    case DcEvent::force_terminate: return "cb_force_terminate";
    case DcEvent::post_activate: return "cb_post_activate";
    case DcEvent::trigger_dev_probe: return "trigger_dev_probe";
    case DcEvent::trigger_local_cooperation: return "trigger_local_cooperation";
    case DcEvent::pre_resume: return "cb_pre_resume";
    case DcEvent::activate: return "activate";
    case DcEvent::close: return "close";
  }
  return "unknown dc_event";
}

// The author's; the others are the runtime's own.
constexpr bool is_callback(DcEvent e) { return name(e).starts_with("cb_"); }

}  // namespace abi
