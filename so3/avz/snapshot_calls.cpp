#include "so3/arch/physical.hpp"
#include "so3/avz/agency_memory.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/objects.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/slots.hpp"

namespace avz::calls {

using abi::page_size;
using abi::Status;

namespace {

// It happens with locks held; the console has it when the reader learns of it.
void tell_if_given_up(const Domain& me, Status status) {
  if (status != Status::no_memory) return;
  print("avz: the snapshot of domain ", std::uint64_t{me.slot},
        " is given up: who writes its pages cannot wait, and no memory is left to save them in");
}

}  // namespace

void snapshot_prepare(Vcpu&, std::uint64_t (&x)[8]) {
  const auto me = find_me(x[1]);
  if (!me) return answer(x, me.error());
  if (!(*me)->runs()) return answer(x, Status::bad_state);
  answer(x, (*me)->snapshot.prepare(**me));
}

void snapshot_freeze(Vcpu&, std::uint64_t (&x)[8]) {
  const auto found = find_me(x[1]);
  if (!found) return answer(x, found.error());
  Domain& me = **found;
  if (!me.runs() || !me.memory.second_is_built()) return answer(x, Status::bad_state);
  if (me.in_domcall) return answer(x, Status::busy);
  if (!stop(me.vcpu)) {
    if (!overdue(me.vcpu)) return answer(x, Status::busy);
    end_overdue(me);
    return answer(x, Status::bad_state);
  }
  const Status status = me.snapshot.freeze(me);
  resume(me.vcpu);
  tell_if_given_up(me, status);
  answer(x, status, me.memory.frozen_pages());
}

void snapshot_context(Vcpu& caller, std::uint64_t (&x)[8]) {
  const auto me = find_me(x[1]);
  if (!me) return answer(x, me.error());
  if (!(*me)->memory.frozen()) return answer(x, Status::bad_state);
  auto* const to = agency_memory(*caller.domain, x[2], x[3]);
  if (to == nullptr || x[4] > ~std::uint32_t{0}) return answer(x, Status::bad_argument);
  const auto bytes = (*me)->snapshot.context(static_cast<abi::snapshot::Part>(x[4]), to, x[3]);
  if (!bytes) return answer(x, bytes.error());
  answer(x, Status::ok, *bytes);
}

void snapshot_pages(Vcpu& caller, std::uint64_t (&x)[8]) {
  constexpr std::uint64_t most = 64;
  const auto found = find_me(x[1]);
  if (!found) return answer(x, found.error());
  Domain& me = **found;
  if (!me.memory.frozen()) return answer(x, Status::bad_state);
  const std::uint64_t room = x[4] < most ? x[4] : most;
  auto* const pages = agency_memory(*caller.domain, x[2], room * page_size);
  auto* const ipas = agency_memory(*caller.domain, x[3], room * sizeof(std::uint64_t));
  if (room == 0 || pages == nullptr || ipas == nullptr) return answer(x, Status::bad_argument);
  std::uint64_t n = 0;
  for (; n < room; n++) {
    const auto ipa = me.snapshot.copy_page(me, pages + n * page_size);
    if (!ipa && ipa.error() == Status::busy && n != 0) break;
    if (!ipa) {
      tell_if_given_up(me, ipa.error());
      return answer(x, ipa.error());
    }
    if (*ipa == 0) break;
    reinterpret_cast<std::uint64_t*>(ipas)[n] = *ipa;
  }
  answer(x, Status::ok, n);
}

void snapshot_end(Vcpu&, std::uint64_t (&x)[8]) {
  const auto me = find_me(x[1]);
  if (!me) return answer(x, me.error());
  withdraw_stop((*me)->vcpu);
  answer(x, (*me)->snapshot.end(**me, true) ? Status::ok : Status::bad_state);
}

}  // namespace avz::calls
