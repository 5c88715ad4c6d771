#include "so3/avz/arguments.hpp"
#include "so3/avz/changes.hpp"
#include "so3/avz/cpu.hpp"
#include "so3/avz/domain_build.hpp"
#include "so3/avz/event_delivery.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/place.hpp"
#include "so3/avz/slots.hpp"

namespace avz::calls {

using abi::DcEvent;
using abi::Status;

void domain_next_change(Vcpu&, std::uint64_t (&x)[8]) { answer(x, Status::ok, next_change()); }

void dc_event_post(Vcpu&, std::uint64_t (&x)[8]) {
  const auto args = DcEventPost::decode(x);
  if (!args) return answer(x, Status::bad_argument);
  const LockedSlot locked{args->slot};
  Domain* me = locked.domain();
  if (me == nullptr) return answer(x, Status::not_found);
  if (!me->runs()) return answer(x, Status::bad_state);
  if (me->mailbox.posted != DcEvent::none || me->mailbox.answered != DcEvent::none) return answer(x, Status::busy);
  me->mailbox.posted = args->event;
  me->shared->dc_argument = args->argument;
  me->shared->dc_event = static_cast<std::uint32_t>(args->event);
  deliver(*me, abi::port_control);
  answer(x, Status::ok);
}

void dc_event_result(Vcpu&, std::uint64_t (&x)[8]) {
  const auto slot = decode_me(x[1]);
  if (!slot) return answer(x, Status::bad_argument);
  const LockedSlot locked{*slot};
  Domain* me = locked.domain();
  if (me == nullptr) return answer(x, Status::not_found);
  answer(x, Status::ok, static_cast<std::uint64_t>(me->mailbox.answered), me->mailbox.result);
  me->mailbox.answered = DcEvent::none;
  me->mailbox.result = 0;
}

void place_set(Vcpu&, std::uint64_t (&x)[8]) {
  Place place{.agency_uid = x[1], .wall_clock_ns = x[4]};
  for (std::size_t i = 0; i < place.name.size(); i++) place.name[i] = static_cast<char>(x[2 + i / 8] >> 8 * (i % 8));
  set_place(place, {x[5], x[6], x[7]});
  answer(x, Status::ok);
}

void machine_info(Vcpu&, std::uint64_t (&x)[8]) {
  const auto count = ram_pages.count();
  answer(x, Status::ok, count.unpromised(), count.all, cpu_count(), count_mes());
}

}  // namespace avz::calls
