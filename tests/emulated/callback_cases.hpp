// What an ME may do wrong, or as it likes, in each callback, and what becomes of it by the design: of the ME that was
// injected, and of its copy, or of what moved, at the other place.
#pragma once
#include <ostream>

#include "tests/emulated/stage.hpp"

namespace emulated {

struct CallbackCase {
  std::string_view callback, deed;
  Fate here, there;
  // What is said of it, if anything: by the console or its own log, where it was, or to whoever asked for it.
  std::string_view named;
  bool on_the_way = false;  // only where it arrives
  std::string kind() const { return fmt::format("{}-{}{}", callback, deed, on_the_way ? "-there" : ""); }
};
inline void PrintTo(const CallbackCase& c, std::ostream* out) { *out << c.kind(); }

namespace detail {
using enum Fate;
inline constexpr std::string_view nonsense = "9 of 9 refused, nothing changed";

inline constexpr CallbackCase callback_cases[] = {
    // Asked to propagate.
    {"pre_propagate", "wait", none, none, "cb_pre_propagate called msleep, which waits"},
    {"pre_propagate", "spin", none, none, "overran the time of a domcall in cb_pre_propagate"},
    {"pre_propagate", "crash", none, none, "crashed in cb_pre_propagate: unhandled exception"},
    {"pre_propagate", "refuse", lives, none, "cb_pre_propagate answered NO"},
    {"pre_propagate", "nonsense", lives, lives, nonsense},
    {"pre_propagate", "dormant", rests, lives, "cb_pre_propagate in ME_state_living"},
    {"pre_propagate", "wake", lives, lives,
     "cb_pre_propagate in ME_state_dormant"},  // at rest, it wakes in a domcall of its own
    {"pre_suspend", "wait", lives, none, "did not answer cb_pre_suspend"},
    {"pre_suspend", "spin", hangs, none, "did not answer cb_pre_suspend"},
    {"pre_suspend", "crash", none, none, "crashed: unhandled exception during cb_pre_suspend"},
    {"pre_suspend", "refuse", lives, none, "does not want to: cb_pre_suspend returned -1"},
    {"pre_suspend", "nonsense", lives, lives, nonsense},
    {"pre_suspend", "dormant", rests, lives, "cb_pre_suspend in "},
    {"pre_suspend", "ask", lives, lives, "asked: ok, ok, busy, denied"},
    // A resident is suspended while it is called here, and may not go to rest from there; a copy may.
    {"pre_resume", "wait", none, none, "did not answer cb_pre_resume"},
    {"pre_resume", "spin", none, none, "did not answer cb_pre_resume"},
    {"pre_resume", "crash", none, none, "crashed: unhandled exception during cb_pre_resume"},
    {"pre_resume", "refuse", lives, lives, "cb_pre_resume returned -1"},
    {"pre_resume", "nonsense", lives, lives, nonsense},
    {"pre_resume", "dormant", lives, rests, "ME_state_suspended -> ME_state_dormant refused"},
    {"pre_resume", "ask", lives, lives, "asked: wrong state, wrong state, wrong state, wrong state"},
    {"post_activate", "wait", lives, lives, "did not answer cb_post_activate"},
    {"post_activate", "spin", hangs, hangs, "did not answer cb_post_activate"},
    {"post_activate", "crash", none, none, "crashed: unhandled exception"},
    {"post_activate", "refuse", lives, lives, "cb_post_activate returned -1"},
    {"post_activate", "nonsense", lives, lives, nonsense},
    {"post_activate", "dormant", lives, rests, "ME_state_suspended -> ME_state_dormant refused"},
    {"post_activate", "ask", lives, lives, "asked: ok, ok, wrong state, denied"},
    // Injected.
    {"pre_activate", "wait", none, none, "cb_pre_activate called msleep, which waits"},
    {"pre_activate", "spin", none, none, "overran the time of a domcall in cb_pre_activate"},
    {"pre_activate", "crash", none, none, "crashed in cb_pre_activate: unhandled exception"},
    {"pre_activate", "refuse", none, none, "declined: cb_pre_activate returned -1"},
    {"pre_activate", "nonsense", lives, none, nonsense},
    {"pre_activate", "dormant", rests, none, ""},
    {"cooperate", "wait", none, none, "cb_cooperate called msleep, which waits"},
    {"cooperate", "spin", none, none, "overran the time of a domcall in cb_cooperate"},
    {"cooperate", "crash", none, none, "crashed in cb_cooperate: unhandled exception"},
    {"cooperate", "refuse", lives, none, "returned -1"},
    {"cooperate", "nonsense", lives, none, nonsense},
    {"cooperate", "dormant", rests, none, ""},
    // Asked to die by another that it cooperates with.
    {"kill_me", "wait", none, none, "cb_kill_me called msleep, which waits"},
    {"kill_me", "spin", none, none, "overran the time of a domcall in cb_kill_me"},
    {"kill_me", "crash", none, none, "crashed in cb_kill_me: unhandled exception"},
    {"kill_me", "refuse", lives, none, "cb_kill_me in "},
    {"kill_me", "nonsense", lives, none, nonsense},
    {"kill_me", "dormant", rests, none, ""},
    // Stopped.
    {"force_terminate", "wait", none, none, "did not answer cb_force_terminate in time"},
    {"force_terminate", "spin", none, none, "did not answer cb_force_terminate in time"},
    {"force_terminate", "crash", none, none, "crashed: unhandled exception"},
    {"force_terminate", "refuse", none, none, "refused to terminate (ME_state_living) and was destroyed"},
    {"force_terminate", "nonsense", none, none, "refused to terminate (ME_state_living) and was destroyed"},
    {"force_terminate", "dormant", none, none, "refused to terminate (ME_state_dormant) and was destroyed"},
    {"force_terminate", "ask", none, none, "asked: ok, ok, busy, denied"},
    // Moved: what it does on arrival costs the move, and the source lives on.
    {"pre_activate", "wait", lives, none, "cb_pre_activate called msleep, which waits", true},
    {"pre_activate", "spin", lives, none, "overran the time of a domcall in cb_pre_activate", true},
    {"pre_activate", "crash", lives, none, "crashed in cb_pre_activate: unhandled exception", true},
    {"pre_activate", "refuse", lives, none, "declined: cb_pre_activate returned -1", true},
    {"pre_activate", "nonsense", none, lives, nonsense, true},
    {"pre_activate", "dormant", none, rests, "", true},
    {"cooperate", "wait", lives, none, "cb_cooperate called msleep, which waits", true},
    {"cooperate", "spin", lives, none, "overran the time of a domcall in cb_cooperate", true},
    {"cooperate", "crash", lives, none, "crashed in cb_cooperate: unhandled exception", true},
    {"cooperate", "refuse", none, lives, "returned -1", true},
    {"cooperate", "nonsense", none, lives, nonsense, true},
    {"cooperate", "dormant", none, rests, "", true},
    {"pre_resume", "wait", lives, none, "did not answer cb_pre_resume", true},
    {"pre_resume", "spin", lives, none, "did not answer cb_pre_resume", true},
    {"pre_resume", "crash", lives, none, "crashed: unhandled exception during cb_pre_resume", true},
    {"pre_resume", "refuse", none, lives, "cb_pre_resume returned -1", true},
    {"pre_resume", "nonsense", none, lives, nonsense, true},
    {"pre_resume", "dormant", none, rests, "", true},
    {"post_activate", "wait", none, lives, "did not answer cb_post_activate", true},
    {"post_activate", "spin", none, hangs, "did not answer cb_post_activate", true},
    {"post_activate", "crash", lives, none, "crashed: unhandled exception during cb_post_activate", true},
    {"post_activate", "refuse", none, lives, "cb_post_activate returned -1", true},
    {"post_activate", "nonsense", none, lives, nonsense, true},
    {"post_activate", "dormant", none, rests, "", true},
};
}  // namespace detail
using detail::callback_cases;

}  // namespace emulated
