#include "so3/agency/me/stopping.hpp"

namespace agency {

using abi::Status;

Task<std::expected<Done, Status>> stop_vcpu(Loop& loop, Residents& residents, std::shared_ptr<Me> me) {
  using Result = std::expected<Done, Status>;
  for (const auto give_up = loop.now() + stopping_max;;) {
    residents.look(me);
    if (me->gone) co_return Result{std::unexpected{Status::not_found}};
    const auto stopped = hypercall::domain_pause(me->slot);
    if (stopped) co_return Result{Done{}};
    residents.look(me);
    if (me->gone) co_return Result{std::unexpected{Status::not_found}};
    if (stopped.error() != Status::busy || loop.now() >= give_up) {
      static_cast<void>(hypercall::domain_unpause(me->slot));  // it is not asked again
      co_return Result{std::unexpected{stopped.error()}};
    }
    co_await loop.until(loop.now() + ms);
  }
}

}  // namespace agency
