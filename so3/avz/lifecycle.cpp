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

Refusal refused(Domain& domain, State to, Asker asker) {
  constexpr std::uint32_t told_max = 16;
  Refusal r{.slot = domain.slot, .from = domain.state, .to = to, .asker = asker};
  if (asker.actor != abi::Actor::me) return r;
  r.told = domain.refusals_told < told_max;
  domain.refusals_told += r.told;
  r.last = domain.refusals_told == told_max;
  return r;
}

}  // namespace

Asker asker_of(const Domain& me) {
  return {.actor = abi::Actor::me,
          .in_domcall = me.in_domcall,
          .may_terminate =
              me.mailbox.posted == abi::DcEvent::force_terminate || (me.in_domcall && me.cooperates_as_target)};
}

std::expected<void, Refusal> change_state(Domain& domain, State to, Asker asker) {
  if (!may_change(domain.state, to, asker)) return std::unexpected{refused(domain, to, asker)};
  set(domain, to);
  note_change(domain.slot);
  return {};
}

void tell(const Refusal& r) {
  if (!r.told) return;
  print("slot ", std::uint64_t{r.slot}, ": ", name(r.asker.actor), " may not change ", name(r.from), " to ", name(r.to),
        r.asker.in_domcall ? " (in a domcall)" : "", r.last ? "; no more of these are shown" : "");
}

void make_dead(Domain& domain) {
  if (domain.state == State::dead) return;
  set(domain, State::dead);
  note_change(domain.slot);
}

}  // namespace avz
