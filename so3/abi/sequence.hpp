// The sequences of an ME's life. The agency runs them step by step as they stand here, and the manual's sequence
// diagrams, the model's callback order and the tests are made from them.
//
// An ME may leave a sequence: it sets itself dormant, killed or terminated in a callback, a callback refuses, it crashes.
// What follows then is with the step.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace abi {

enum class Step : std::uint8_t {
  pre_propagate,  // domcall. NO, or non-zero: the sequence ends here, nothing further is called
  pre_activate,  // domcall. Non-zero or killed: reaped. Dormant: the sequence ends here
  cooperate,  // domcall, one per eligible resident, or one alone. Killed, terminated: reaped. Dormant: ends here
  pre_suspend,  // dc_event. Non-zero: the sequence ends here, the ME goes on living
  suspend,  // frontends, then vbstore; then it is suspended
  snapshot,  // avz freezes its memory; the copy goes out behind it
  pre_resume,  // dc_event. Non-zero: logged
  resume,  // vbstore, then frontends; at a new place it writes its entries, and frontends connect anew
  post_activate,  // dc_event. Non-zero: logged
  activate,  // dc_event: it writes its entries and connects its frontends for the first time
  living,  // the agency sets it
};

constexpr std::string_view name(Step s) {
  constexpr std::string_view names[] = {"cb_pre_propagate", "cb_pre_activate", "cb_cooperate",  "cb_pre_suspend",
                                        "suspend",          "snapshot",        "cb_pre_resume", "resume",
                                        "cb_post_activate", "activate",        "living"};
  return names[static_cast<std::uint8_t>(s)];
}

struct Sequence {
  std::string_view name, when;
  std::span<const Step> steps;
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
inline constexpr Step restore_steps[] = {Step::pre_resume, Step::resume, Step::post_activate, Step::living};
// It sets itself dormant; it sets itself living again, in a domcall.
inline constexpr Step rest_steps[] = {Step::suspend};
inline constexpr Step wake_steps[] = {Step::resume};

inline constexpr Sequence injection{"injection", "an .itb is injected", injection_steps};
inline constexpr Sequence resident{"resident", "an ME is propagated", resident_steps};
inline constexpr Sequence saving{"saving", "a snapshot is taken, or an ME is moved", saving_steps};
inline constexpr Sequence arrival{"arrival", "an ME comes from a neighbour", arrival_steps};
inline constexpr Sequence restore{"restore", "an ME comes from a file", restore_steps};
inline constexpr Sequence rest{"rest", "an ME set itself dormant", rest_steps};
inline constexpr Sequence wake{"wake", "a dormant ME set itself living", wake_steps};

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
