#include "so3/avz/lifecycle.hpp"

#include "so3/avz/changes.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/trace.hpp"

namespace avz {

using abi::State;

namespace {

void set(Domain& domain, State to) {
  trace(abi::trace::Kind::state, domain.slot,
        static_cast<std::uint32_t>(domain.state) | static_cast<std::uint32_t>(to) << 8);
  domain.state = to;
  domain.shared->state = static_cast<std::uint32_t>(to);
}

// An ME may ask for ever; the console has its first refusals only.
void tell_refusal(Domain& domain, State to, Asker asker) {
  constexpr std::uint32_t told_max = 16;
  const bool me = asker.actor == abi::Actor::me;
  if (me && domain.refusals_told == told_max) return;
  domain.refusals_told += me;
  print("slot ", std::uint64_t{domain.slot}, ": ", name(asker.actor), " may not change ", name(domain.state), " to ",
        name(to), asker.in_domcall ? " (in a domcall)" : "",
        domain.refusals_told == told_max ? "; no more of these are shown" : "");
}

}  // namespace

Asker asker_of(const Domain& me) {
  return {.actor = abi::Actor::me,
          .in_domcall = me.in_domcall,
          .may_terminate =
              me.mailbox.posted == abi::DcEvent::force_terminate || (me.in_domcall && me.cooperates_as_target)};
}

abi::Status change_state(Domain& domain, State to, Asker asker) {
  if (!may_change(domain.state, to, asker)) {
    tell_refusal(domain, to, asker);
    return abi::Status::bad_state;
  }
  set(domain, to);
  note_change(domain.slot);
  return abi::Status::ok;
}

void make_dead(Domain& domain) {
  if (domain.state == State::dead) return;
  set(domain, State::dead);
  note_change(domain.slot);
}

}  // namespace avz
