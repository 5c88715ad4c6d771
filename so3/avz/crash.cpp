#include "so3/avz/changes.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/lifecycle.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/objects.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/slots.hpp"

namespace avz {

void domain_crashed(Domain& domain, abi::CrashReason reason) {
  if (domain.is_agency()) panic("the agency crashed");
  {
    const LockedSlot own{domain.slot};
    if (domain.crash == abi::CrashReason::none) domain.crash = reason;
    make_dead(domain);
  }
  kill(domain.vcpu);
  signal_changes();
}

void end_overdue(Domain& domain) {
  constexpr auto reason = abi::CrashReason::not_stopping;
  print("avz: domain ", std::uint64_t{domain.slot}, ": ", abi::name(reason), " within a second");
  domain_crashed(domain, reason);
}

namespace calls {

void crash(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& self = *caller.domain;
  const bool known = x[1] <= static_cast<std::uint64_t>(abi::CrashReason::not_stopping);
  const auto reason = known && x[1] != 0 ? static_cast<abi::CrashReason>(x[1]) : abi::CrashReason::panic;
  print("slot ", std::uint64_t{self.slot}, ": crashed: ", abi::name(reason), " at ", Hex{x[2]}, ", address ",
        Hex{x[3]});
  answer(x, abi::Status::ok);
  domain_crashed(self, reason);
}

}  // namespace calls
}  // namespace avz
