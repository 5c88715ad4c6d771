// The sequences of an ME's life. The agency runs them step by step as they stand here, and the manual's sequence
// diagrams (tools/manual), the model's callback order and the tests are made from them.
//
// An ME may leave a sequence: it sets itself dormant, killed or terminated in a callback, a callback refuses, it crashes.
// What follows then is with the step (about).
#pragma once
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

#include "so3/abi/lifecycle.hpp"

namespace abi {

enum class Step : std::uint8_t {
  pre_propagate,
  pre_activate,
  cooperate,
  pre_suspend,
  suspend,
  snapshot,
  pre_resume,
  resume,
  post_activate,
  activate,
  living,
};

// How the agency has a step done.
enum class Means : std::uint8_t { domcall, dc_event, hypercall };

struct StepAbout {
  std::string_view name;
  Means by;
  std::string_view what;
};

inline constexpr StepAbout steps_about[] = {
    {"cb_pre_propagate", Means::domcall, "NO or non-zero: the sequence ends here, nothing further is called"},
    {"cb_pre_activate", Means::domcall, "non-zero or killed: it is reaped; dormant: the sequence ends here"},
    {"cb_cooperate", Means::domcall,
     "one for each eligible resident, or one alone; killed or terminated: it is reaped; dormant: the sequence ends "
     "here"},
    {"cb_pre_suspend", Means::dc_event, "non-zero: the sequence ends here, the ME goes on living"},
    {"suspend", Means::dc_event, "frontends, then vbstore; then it is suspended"},
    {"snapshot", Means::hypercall, "avz freezes its memory; the copy goes out behind it"},
    {"cb_pre_resume", Means::dc_event, "non-zero: logged"},
    {"resume", Means::dc_event,
     "vbstore, then frontends; at a new place it writes its entries, and frontends connect anew"},
    {"cb_post_activate", Means::dc_event, "non-zero: logged"},
    {"activate", Means::dc_event, "it writes its entries and connects its frontends for the first time"},
    {"living", Means::hypercall, "the agency sets it"}};
static_assert(std::size(steps_about) == static_cast<std::size_t>(Step::living) + 1);

constexpr const StepAbout& about(Step s) { return steps_about[static_cast<std::uint8_t>(s)]; }
constexpr std::string_view name(Step s) { return about(s).name; }

struct Sequence {
  std::string_view name, when;
  std::span<const Step> steps;
  State begins;  // the ME is in it
};

namespace sequence {
inline constexpr Step injection_steps[] = {Step::pre_activate, Step::cooperate, Step::activate, Step::living};
// A copy of it goes to neighbours. A dormant ME has two steps of it: pre_propagate and snapshot.
inline constexpr Step resident_steps[] = {Step::pre_propagate, Step::pre_suspend, Step::suspend,       Step::snapshot,
                                          Step::pre_resume,    Step::resume,      Step::post_activate, Step::living};
// For a file, and for a move: of that, what comes after the snapshot only if it failed.
inline constexpr Step saving_steps[] = {Step::pre_suspend, Step::suspend,       Step::snapshot, Step::pre_resume,
                                        Step::resume,      Step::post_activate, Step::living};
inline constexpr Step arrival_steps[] = {Step::pre_activate, Step::cooperate,     Step::pre_resume,
                                         Step::resume,       Step::post_activate, Step::living};
// One that was dormant is dormant again, and has all of this once it wakes.
inline constexpr Step restore_steps[] = {Step::pre_resume, Step::resume, Step::post_activate, Step::living};
// It sets itself dormant; it sets itself living again, in a domcall.
inline constexpr Step rest_steps[] = {Step::suspend};
inline constexpr Step wake_steps[] = {Step::resume};

inline constexpr Sequence injection{"injection", "an .itb is injected", injection_steps, State::preparing};
inline constexpr Sequence resident{"resident", "an ME is propagated", resident_steps, State::living};
inline constexpr Sequence saving{"saving", "a snapshot is taken, or an ME is moved", saving_steps, State::living};
inline constexpr Sequence arrival{"arrival", "an ME comes from a neighbour", arrival_steps, State::migrating};
inline constexpr Sequence restore{"restore", "an ME comes from a file", restore_steps, State::migrating};
inline constexpr Sequence rest{"rest", "an ME set itself dormant", rest_steps, State::dormant};
inline constexpr Sequence wake{"wake", "a dormant ME set itself living", wake_steps, State::living};

inline constexpr Sequence all[] = {injection, resident, saving, arrival, restore, rest, wake};
}  // namespace sequence

// What is run before its snapshot and after it; a sequence without one is all before.
constexpr std::span<const Step> before_snapshot(const Sequence& s) {
  std::size_t n = 0;
  while (n < s.steps.size() && s.steps[n] != Step::snapshot) ++n;
  return s.steps.first(n);
}
constexpr std::span<const Step> after_snapshot(const Sequence& s) {
  const auto before = before_snapshot(s).size();
  return s.steps.subspan(before == s.steps.size() ? before : before + 1);
}
static_assert(before_snapshot(sequence::resident).size() + 1 + after_snapshot(sequence::resident).size() ==
              sequence::resident.steps.size());
static_assert(after_snapshot(sequence::injection).empty());

}  // namespace abi
