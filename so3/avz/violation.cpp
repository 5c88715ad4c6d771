#include "so3/avz/violation.hpp"

#include "so3/abi/layout.hpp"
#include "so3/avz/console.hpp"
#include "so3/avz/domcall.hpp"
#include "so3/avz/objects.hpp"

namespace avz {

void violation(Vcpu& v, abi::CrashReason reason, const char* what, std::uint64_t value) {
  print("avz: domain ", std::uint64_t{v.slot}, is_domcall(v) ? " in a domcall" : "", ": ", abi::name(reason), ": ",
        what, " ", Hex{value}, ", PC ", Hex{v.pc}, ", LR ", Hex{v.x[30]}, ", PSTATE ", Hex{v.pstate});
  if (v.slot == abi::agency_domain) panic("the agency is beyond help");
  if (is_domcall(v)) end_domcall(v, abi::Outcome::fault, reason);
  domain_crashed(*v.domain, reason);
}

}  // namespace avz
