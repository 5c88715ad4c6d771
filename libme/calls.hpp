// From what the agency calls to what the author wrote.
#pragma once
#include "so3/guest/callbacks.hpp"

namespace me {

guest::DomcallAnswer run_domcall(abi::Domcall number, const hypercall::Payload& words);
std::int32_t run_dc_event(abi::DcEvent event, std::uint32_t argument);

}  // namespace me
