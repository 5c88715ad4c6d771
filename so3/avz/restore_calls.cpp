// Arrival: an ME that goes on here from where its snapshot was taken.
#include "so3/arch/counter.hpp"
#include "so3/arch/physical.hpp"
#include "so3/avz/agency_memory.hpp"
#include "so3/avz/arguments.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/place.hpp"
#include "so3/avz/restored_vcpu.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/slots.hpp"

namespace avz::calls {

using abi::Status;

void domain_restore(Vcpu& caller, std::uint64_t (&x)[8]) {
  const auto args = DomainRestore::decode(x);
  if (!args) return answer(x, Status::bad_argument);
  Domain* const me = find_domain(args->slot);
  if (me == nullptr) return answer(x, Status::not_found);
  if (me->started || me->state != abi::State::migrating) return answer(x, Status::bad_state);
  abi::snapshot::Vcpu vcpu;
  const auto* const from = agency_memory(*caller.domain, args->vcpu_ipa, sizeof vcpu);
  if (from == nullptr || !args->parts.fit(*me)) return answer(x, Status::bad_argument);
  arch::copy_bytes(&vcpu, from, sizeof vcpu);
  const auto restored = RestoredVcpu::decode(vcpu);
  if (!restored) return answer(x, Status::bad_argument);

  me->started = true;
  me->paused = true;
  restored->load_into(me->vcpu, arch::physical_counter(), arch::physical_counter_hz());
  args->parts.publish(*me->shared);
  publish_place(*me->shared, me->vcpu.cntvoff);
  // Whatever it waited for may have come meanwhile, or will not: it looks.
  me->shared->selector = abi::selector_timer;
  arch::clean_to_memory(me->shared, abi::page_size);
  start_held(me->vcpu);
  answer(x, Status::ok);
}

// One that was dormant is asked nothing before it is found by others.
void domain_identity(Vcpu&, std::uint64_t (&x)[8]) {
  const auto args = DomainIdentity::decode(x);
  if (!args) return answer(x, Status::bad_argument);
  const LockedSlot locked{args->slot};
  Domain* const me = locked.domain();
  if (me == nullptr) return answer(x, Status::not_found);
  if (me->state != abi::State::migrating) return answer(x, Status::bad_state);
  me->identity = {.spid = args->spid, .spadcaps = args->spadcaps, .cooperates = args->cooperates};
  answer(x, Status::ok);
}

}  // namespace avz::calls
