// The entry of domcalls, after the kernel has switched to the domcall's own thread.
#pragma once
#include <cstdint>

#include "so3/guest/callbacks.hpp"

namespace guest {

void set_domcall_handler(decltype(Callbacks::domcall) handler);

struct CurrentDomcall {
  abi::Domcall number;
  bool cooperation_target;
};
// Meaningful in a domcall only.
const CurrentDomcall& current_domcall();

// The answer to one domcall; so3_domcall() hands it to avz.
DomcallAnswer run_domcall(std::uint64_t number, const hypercall::Payload& words);

}  // namespace guest
