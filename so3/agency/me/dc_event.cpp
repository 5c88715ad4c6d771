#include "so3/agency/me/dc_event.hpp"

#include <algorithm>

#include "so3/agency/text.hpp"

namespace agency {
namespace {

using abi::Status;

// An ME that ends is noticed at once; one that empties its mailbox is not.
constexpr std::uint64_t busy_step = 10 * ms;

std::unexpected<Refusal> is_gone(const Me& me, abi::DcEvent event) {
  return refuse(Status::bad_state,
                text("the ME %s during %.*s; the console says more", me.end.c_str(), AGENCY_SV(abi::name(event))));
}

}  // namespace

Task<std::expected<Done, Refusal>> DcEvents::post(std::shared_ptr<Me> me, const Request& request) {
  using Result = std::expected<Done, Refusal>;
  const auto event = abi::name(request.event);
  for (;;) {
    if (me->gone) co_return Result{is_gone(*me, request.event)};
    const auto posted = hypercall::dc_event_post(me->slot, request.event, request.argument);
    if (posted) co_return Result{Done{}};
    residents_->look(me);
    if (me->gone) co_return Result{is_gone(*me, request.event)};
    if (posted.error() != Status::busy)
      co_return Result{refuse(posted.error(), text("%.*s cannot be asked of ME %u (%s): %.*s", AGENCY_SV(event),
                                                   me->slot, me->name.c_str(), AGENCY_SV(abi::name(posted.error()))))};
    if (world_.loop.now() >= request.deadline)
      co_return Result{refuse(Status::busy,
                              text("%.*s cannot be asked of ME %u (%s): it has not answered %.*s yet", AGENCY_SV(event),
                                   me->slot, me->name.c_str(), AGENCY_SV(abi::name(me->unanswered))))};
    co_await world_.loop.change(me->slot, std::min(world_.loop.now() + busy_step, request.deadline));
  }
}

Task<std::expected<std::int32_t, Refusal>> DcEvents::run(std::shared_ptr<Me> me, Request request) {
  using Result = std::expected<std::int32_t, Refusal>;
  const auto event = request.event;
  const auto began = world_.loop.now();
  if (const auto posted = co_await post(me, request); !posted) co_return Result{std::unexpected{posted.error()}};
  me->unanswered = event;
  if (abi::is_callback(event)) world_.report.begins(me->slot, event);
  // Whatever happens to the ME, follow_changes() has looked before this goes on. Nobody has when the time is up, or when
  // it is a frontend that moved.
  for (bool told = true;; told = co_await world_.loop.change(me->slot, request.deadline)) {
    if (!told || request.connects) residents_->look(me);
    if (me->gone) co_return Result{is_gone(*me, event)};
    if (me->unanswered == abi::DcEvent::none) co_return Result{me->answer};
    if (request.connects)
      if (const auto error = world_.bus.error(me->slot))
        co_return Result{refuse(Status::bad_state, "the frontend " + *error)};
    if (world_.loop.now() >= request.deadline)
      co_return Result{refuse(Status::busy, text("ME %u (%s) did not answer %.*s within %llu ms", me->slot,
                                                 me->name.c_str(), AGENCY_SV(abi::name(event)),
                                                 static_cast<unsigned long long>((world_.loop.now() - began) / ms)))};
  }
}

}  // namespace agency
