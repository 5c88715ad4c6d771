#include "so3/agency/transfer/frozen.hpp"

#include "so3/agency/me/stopping.hpp"
#include "so3/agency/text.hpp"

namespace agency::transfer {
namespace {

using abi::Status;

constexpr std::uint64_t busy_step = ms;

}  // namespace

Task<std::expected<Frozen, Refusal>> Frozen::take(Loop& loop, std::shared_ptr<Me> me) {
  const auto cannot = [&](Status status) {
    return refuse(status, text("a snapshot of ME %u (%s) cannot be taken: %.*s", me->slot, me->name.c_str(),
                               AGENCY_SV(abi::name(status))));
  };
  auto give_up = loop.now() + stopping_max;
  for (bool prepared = false;;) {
    if (me->gone) co_return refuse(Status::bad_state, "the ME " + me->end);
    auto status = Status::ok;
    if (!prepared) {
      const auto done = hypercall::snapshot_prepare(me->slot);
      if (!done) status = done.error();
      prepared = done.has_value();
      if (prepared) give_up = loop.now() + stopping_max;  // its vCPU is asked to stop from now on
    } else {
      const auto pages = hypercall::snapshot_freeze(me->slot);
      if (pages) co_return Frozen{me, *pages};
      status = pages.error();
    }
    if (status == Status::ok) continue;
    if (status != Status::busy || loop.now() >= give_up) {
      static_cast<void>(hypercall::snapshot_end(me->slot));
      co_return cannot(status);
    }
    // Preparing comes back with busy after each piece of it; the vCPU needs time to come to a safe point.
    co_await loop.until(prepared ? loop.now() + busy_step : loop.now());
  }
}

Frozen::~Frozen() {
  if (me_ && !me_->gone) static_cast<void>(hypercall::snapshot_end(me_->slot));
}

}  // namespace agency::transfer
