// The end of a domain that did what it must not: one line that says what, then it is killed.
#pragma once
#include "so3/avz/vcpu.hpp"

namespace avz {

// `vcpu` is current on this CPU: a domain's own, or a domcall's. `what` and `value` say what it did.
// The agency is part of the machine: without it, that ends.
void violation(Vcpu& vcpu, abi::CrashReason reason, const char* what, std::uint64_t value);

}  // namespace avz
