// Who may move a domain from one state to another: the table of so3/abi/lifecycle.hpp, and nothing besides.
#pragma once
#include <cstdint>
#include <expected>
#include <string_view>

#include "so3/abi/lifecycle.hpp"
#include "so3/abi/status.hpp"
#include "so3/avz/domain.hpp"

namespace avz {

// Who asks, and from where: an ME may be in several of the contexts at once (a cooperation target is in a domcall).
struct Asker {
  abi::Actor actor;
  bool in_domcall = false;
  bool may_terminate = false;  // in cb_force_terminate, or a cooperation target
};

constexpr bool may_change(abi::State from, abi::State to, Asker asker) {
  using abi::Context;
  return abi::find_transition(from, to, asker.actor) != nullptr ||
         (asker.in_domcall && abi::find_transition(from, to, asker.actor, Context::domcall) != nullptr) ||
         (asker.may_terminate && abi::find_transition(from, to, asker.actor, Context::force_terminate) != nullptr);
}

Asker asker_of(const Domain& me);

// A change that was refused, for the console.
struct Refusal {
  std::uint32_t slot;
  abi::State from, to;
  Asker asker;
  bool told = true, last = false;  // an ME may ask for ever: only its first refusals are told
};
// A line with both states and the asker. With no lock held: the UART is slow.
void tell(const Refusal& refusal);

// With the slot locked. Refused: nothing changed, tell() it.
[[nodiscard]] std::expected<void, Refusal> change_state(Domain& domain, abi::State to, Asker asker);
// Destroy, a crash: from any state. With the slot locked.
void make_dead(Domain& domain);

}  // namespace avz
