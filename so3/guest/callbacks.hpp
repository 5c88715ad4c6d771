// What the agency calls in this domain, and who answers.
#pragma once
#include <cstdint>
#include <optional>

#include "so3/abi/callbacks.hpp"
#include "so3/guest/hypercall.hpp"

namespace guest {

struct DomcallAnswer {
  std::int32_t value = 0;
  hypercall::Payload words = {};
};

// Provided by whoever the domain is (libme in an ME).
struct Callbacks {
  // In a domcall: on the agency's CPU, on the domcall's own stack; may not block.
  DomcallAnswer (*domcall)(abi::Domcall number, const hypercall::Payload& words);
  // In the control thread; may block.
  std::int32_t (*dc_event)(abi::DcEvent event, std::uint32_t argument);
  // In the control thread: the agency may have changed the state, or a dc_event has been answered.
  void (*changed)();
};

// Lets avz know where to enter domcalls and starts the control thread, which answers dc_events. Once; `callbacks`
// stays for ever.
[[nodiscard]] hypercall::Result<void> accept_calls(const Callbacks& callbacks);

// What is under way where this is called; nothing in the author's threads.
struct CallContext {
  std::optional<abi::Domcall> domcall;
  bool cooperation_target = false;
  std::optional<abi::DcEvent> dc_event;
};
CallContext call_context();

}  // namespace guest
