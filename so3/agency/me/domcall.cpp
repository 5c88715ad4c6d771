#include "so3/agency/me/domcall.hpp"

#include "so3/agency/me/stopping.hpp"
#include "so3/agency/text.hpp"

namespace agency {
namespace {

constexpr std::uint64_t busy_step = ms;
// Beyond any use: an ME that asks for ever costs only itself.
constexpr int requests_max = 10'000;
// Two MEs that call each other on and on would have the agency's CPU to themselves.
constexpr std::uint64_t nested_max = 2000 * ms;

std::optional<abi::Role> role(abi::Domcall domcall, const hypercall::Payload& payload) {
  if (domcall != abi::Domcall::cooperate) return std::nullopt;
  return static_cast<abi::Role>(static_cast<std::uint32_t>(payload[0]));
}

}  // namespace

auto Domcalls::run(std::shared_ptr<Me> me, abi::Domcall domcall, hypercall::Payload payload,
                   std::uint32_t report_detail, std::shared_ptr<Me> partner) -> Task<Answer> {
  const auto turn = co_await turns_.next();
  if (me->gone) co_return Answer{std::unexpected{text("it %s", me->end.c_str())}};
  Caller self;
  self.me = me;
  self.domcall = domcall;
  self.role = role(domcall, payload);
  self.partner = partner;
  self.depth = 1;
  self.nested_until = world_.loop.now() + nested_max;
  co_return co_await call(self, payload, report_detail);
}

auto Domcalls::run_for(const Caller& outer, std::shared_ptr<Me> me, abi::Domcall domcall, hypercall::Payload payload,
                       std::uint32_t report_detail, std::shared_ptr<Me> partner) -> Task<Answer> {
  if (outer.depth == 0) co_return co_await run(me, domcall, payload, report_detail, partner);
  Caller self;
  self.me = me;
  self.domcall = domcall;
  self.role = role(domcall, payload);
  self.partner = partner;
  self.depth = outer.depth + 1;
  self.nested_until = outer.nested_until;
  co_return co_await call(self, payload, report_detail);
}

std::optional<Refusal> Domcalls::may_nest(const Caller& outer, const Me& me) const {
  if (outer.depth >= depth_max)
    return Refusal{abi::Status::too_big,
                   text("a domcall in ME %u would be number %u of those that wait for one another; at most %u can",
                        me.slot, outer.depth + 1, depth_max)};
  if (outer.depth != 0 && world_.loop.now() >= outer.nested_until)
    return Refusal{abi::Status::busy, text("no domcall in ME %u any more: this one has led to others for %llu s",
                                           me.slot, static_cast<unsigned long long>(nested_max / (1000 * ms)))};
  return std::nullopt;
}

auto Domcalls::call(const Caller& self, hypercall::Payload payload, std::uint32_t report_detail) -> Task<Answer> {
  const auto& me = self.me;
  const auto domcall = *self.domcall;
  const auto callback = std::string{abi::name(domcall)};
  const auto give_up = world_.loop.now() + stopping_max;
  world_.report.begins(me->slot, domcall, report_detail);
  auto step = domcall;
  for (int requests = 0;;) {
    const auto outcome = hypercall::domcall_run(me->slot, step, payload);
    if (!outcome) {
      if (outcome.error() != abi::Status::busy)
        co_return Answer{std::unexpected{
            text("%s cannot be called: %.*s", callback.c_str(), AGENCY_SV(abi::name(outcome.error())))}};
      if (world_.loop.now() >= give_up) {
        static_cast<void>(hypercall::domain_unpause(me->slot));  // it is not asked to stop any more
        co_return Answer{std::unexpected{
            text("%s cannot be called: the ME did not stop at a safe point for 2 s", callback.c_str())}};
      }
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
      payload = co_await agency_ctl_->serve(self, outcome->detail, outcome->payload);
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
