#include "so3/agency/me/domcall.hpp"

#include "so3/agency/text.hpp"

namespace agency {
namespace {

constexpr std::uint64_t busy_max = 1000 * ms;
constexpr std::uint64_t busy_step = ms;
// Beyond any use: an ME that asks for ever costs only itself.
constexpr int requests_max = 10'000;

}  // namespace

Task<std::expected<DomcallAnswer, std::string>> Domcalls::run(std::shared_ptr<Me> me, abi::Domcall domcall,
                                                              hypercall::Payload payload, std::uint32_t report_detail) {
  using Answer = std::expected<DomcallAnswer, std::string>;
  const auto callback = std::string{abi::name(domcall)};
  const auto give_up = world_.loop.now() + busy_max;
  world_.report.begins(me->slot, domcall, report_detail);
  auto step = domcall;
  for (int requests = 0;;) {
    const auto outcome = hypercall::domcall_run(me->slot, step, payload);
    if (!outcome) {
      if (outcome.error() != abi::Status::busy)
        co_return Answer{std::unexpected{
            text("%s cannot be called: %.*s", callback.c_str(), AGENCY_SV(abi::name(outcome.error())))}};
      if (world_.loop.now() >= give_up)
        co_return Answer{std::unexpected{
            text("%s cannot be called: the ME did not stop at a safe point for 1 s", callback.c_str())}};
      co_await world_.loop.until(world_.loop.now() + busy_step);
      if (me->gone) co_return Answer{std::unexpected{text("it %s", me->end.c_str())}};
      continue;
    }
    if (outcome->outcome == abi::Outcome::done) {
      const auto value = static_cast<std::int32_t>(outcome->payload[0]);
      world_.report.ended(me->slot, domcall, value, report_detail);
      residents_->look(me);
      co_return Answer{DomcallAnswer{value, outcome->payload}};
    }
    if (outcome->outcome == abi::Outcome::request && ++requests <= requests_max) {
      payload = co_await agency_ctl_->serve(me, outcome->detail, outcome->payload);
      if (me->gone) co_return Answer{std::unexpected{text("it %s", me->end.c_str())}};
      step = abi::Domcall::resume;
      continue;
    }
    const auto why =
        outcome->outcome == abi::Outcome::request ? text("asked the agency without end in %s", callback.c_str())
        : outcome->outcome == abi::Outcome::budget
            ? text("overran the time of a domcall in %s", callback.c_str())
            : text("crashed in %s: %s", callback.c_str(), abi::name(static_cast<abi::CrashReason>(outcome->detail)));
    const auto crash = outcome->outcome == abi::Outcome::fault ? static_cast<abi::CrashReason>(outcome->detail)
                                                               : abi::CrashReason::domcall_budget;
    residents_->reap(me, why, crash);
    co_return Answer{std::unexpected{text("it %s", why.c_str())}};
  }
}

}  // namespace agency
