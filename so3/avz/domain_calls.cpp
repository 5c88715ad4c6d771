#include "so3/arch/physical.hpp"
#include "so3/avz/arguments.hpp"
#include "so3/avz/changes.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/domain_build.hpp"
#include "so3/avz/event_delivery.hpp"
#include "so3/avz/lifecycle.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/objects.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/slots.hpp"

namespace avz::calls {

using abi::page_size;
using abi::Status;

void domain_create(Vcpu&, std::uint64_t (&x)[8]) {
  if (!DomainCreate::fits(x[1])) return answer(x, Status::too_big);
  const auto wanted = DomainCreate::decode(x);
  if (!wanted) return answer(x, Status::bad_argument);
  const auto domain = create_me(*wanted);
  if (!domain) return answer(x, domain.error());
  answer(x, Status::ok, (*domain)->slot);
}

void domain_load(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& agency = *caller.domain;
  const auto args = DomainLoad::decode(x);
  if (!args) return answer(x, Status::bad_argument);
  Domain* me = find_domain(args->slot);
  if (me == nullptr) return answer(x, Status::not_found);
  if (me->started) return answer(x, Status::bad_state);
  if (!me->in_ram(args->to.base, args->to.bytes) || !agency.in_ram(args->from.base, args->from.bytes))
    return answer(x, Status::bad_argument);
  for (std::uint64_t done = 0; done < args->to.bytes;) {
    const std::uint64_t to = args->to.base + done, from = args->from.base + done;
    const std::uint64_t to_rest = page_size - to % page_size, from_rest = page_size - from % page_size;
    std::uint64_t n = args->to.bytes - done;
    n = n < to_rest ? n : to_rest;
    n = n < from_rest ? n : from_rest;
    const auto to_page = ram_page(*me, to), from_page = ram_page(agency, from);
    if (!to_page || !from_page) return answer(x, Status::no_memory);
    auto* const target = arch::physical<std::uint8_t>(*to_page) + to % page_size;
    arch::copy_bytes(target, arch::physical<std::uint8_t>(*from_page) + from % page_size, n);
    arch::clean_to_memory(target, n);
    done += n;
  }
  arch::forget_instructions();
  answer(x, Status::ok);
}

void domain_start(Vcpu&, std::uint64_t (&x)[8]) {
  const auto args = DomainStart::decode(x);
  if (!args) return answer(x, Status::bad_argument);
  Domain* me = find_domain(args->slot);
  if (me == nullptr) return answer(x, Status::not_found);
  if (me->started || me->state != abi::State::booting) return answer(x, Status::bad_state);
  if (!me->in_ram(args->entry, 4) || !args->parts.fit(*me)) return answer(x, Status::bad_argument);
  me->started = true;
  args->parts.publish(*me->shared);
  arch::clean_to_memory(me->shared, page_size);  // it is read before the ME's MMU is on
  me->vcpu.pc = args->entry;
  start(me->vcpu);
  answer(x, Status::ok);
}

void domain_destroy(Vcpu&, std::uint64_t (&x)[8]) {
  const auto me = find_me(x[1]);
  if (!me) return answer(x, me.error());
  destroy_me(**me);
  signal_changes();
  answer(x, Status::ok);
}

void domain_info(Vcpu&, std::uint64_t (&x)[8]) {
  const auto slot = decode_me(x[1]);
  if (!slot) return answer(x, Status::bad_argument);
  const LockedSlot locked{*slot};
  Domain* me = locked.domain();
  if (me == nullptr) return answer(x, Status::not_found);
  const std::uint64_t state = static_cast<std::uint64_t>(me->state), crash = static_cast<std::uint64_t>(me->crash);
  answer(x, Status::ok, state | crash << 32, me->ram_bytes, me->identity.spid, me->identity.spadcaps,
         std::uint64_t{me->identity.cooperates} | std::uint64_t{me->snapshot.writer_waits(*me)} << 1 |
             std::uint64_t{me->cpu} << 32,
         me->reservation.drawn(), me->instance_id);
}

void domain_set_state(Vcpu&, std::uint64_t (&x)[8]) {
  const auto args = DomainSetState::decode(x);
  if (!args) return answer(x, Status::bad_argument);
  auto before = args->expected;
  std::expected<void, Refusal> changed;
  {
    const LockedSlot locked{args->slot};
    Domain* me = locked.domain();
    if (me == nullptr) return answer(x, Status::not_found);
    before = me->state;
    if (before == args->expected) {
      changed = change_state(*me, args->wanted, {.actor = abi::Actor::agency});
      if (changed) deliver(*me, abi::port_control);
    }
  }
  if (before != args->expected)
    print("slot ", std::uint64_t{args->slot}, ": agency expected ", name(args->expected), " before ",
          name(args->wanted), ", but it is ", name(before));
  if (!changed) tell(changed.error());
  if (before != args->expected || !changed) return answer(x, Status::bad_state);
  signal_changes();
  answer(x, Status::ok);
}

void domain_pause(Vcpu&, std::uint64_t (&x)[8]) {
  const auto found = find_me(x[1]);
  if (!found) return answer(x, found.error());
  Domain& me = **found;
  if (!me.runs()) return answer(x, Status::bad_state);
  if (!me.paused) me.paused = stop(me.vcpu);
  if (me.paused) return answer(x, Status::ok);
  if (!overdue(me.vcpu)) return answer(x, Status::busy);
  end_overdue(me);
  answer(x, Status::bad_state);
}

void domain_unpause(Vcpu&, std::uint64_t (&x)[8]) {
  const auto found = find_me(x[1]);
  if (!found) return answer(x, found.error());
  Domain& me = **found;
  if (me.state == abi::State::dead) return answer(x, Status::bad_state);
  if (!me.paused) return answer(x, withdraw_stop(me.vcpu) ? Status::ok : Status::bad_state);
  me.paused = false;
  resume(me.vcpu);
  answer(x, Status::ok);
}

}  // namespace avz::calls
