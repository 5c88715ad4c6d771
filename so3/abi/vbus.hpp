// vbus: how a frontend in an ME and its backend in the agency find and follow each other, over vbstore.
//
//   device/<me>/<type>/<instance>/{state, backend, <what the device publishes>, error}
//   backend/<type>                          exists when this smart object has such a backend
//   backend/<type>/<me>/<instance>/{state, frontend, frontend-id}
//
// Each side writes its own state and watches the other's. The core runs the states the same way for every
// device; a device supplies what to publish and what to do with its ring, nothing else (design decision 9).
//
//   connect   FE Initialising, keys published, FE Initialised -> BE maps the ring, BE Connected -> FE Connected
//   suspend   BE Suspending -> FE quiet, FE Suspended -> BE Suspended
//   resume    BE Resuming -> FE Connected -> BE Connected
//   arrival   BE Reconfiguring -> FE re-grants, publishes, FE Reconfigured -> BE Connected -> FE Connected
//   close     FE Closing -> BE unmaps, BE Closed -> FE ends its grants, FE Closed
#pragma once
#include <cstdint>
#include <iterator>
#include <string_view>

namespace abi::vbus {

enum class State : std::uint32_t {
  unknown = 0,
  initialising = 1,
  init_wait = 2,
  initialised = 3,
  connected = 4,
  closing = 5,
  closed = 6,
  reconfiguring = 7,
  reconfigured = 8,
  suspending = 9,
  suspended = 10,
  resuming = 11,
};

constexpr std::string_view name(State s) {
  constexpr std::string_view names[] = {"Unknown",      "Initialising", "InitWait",  "Initialised",
                                        "Connected",    "Closing",      "Closed",    "Reconfiguring",
                                        "Reconfigured", "Suspending",   "Suspended", "Resuming"};
  const auto i = static_cast<std::uint32_t>(s);
  return i < std::size(names) ? names[i] : "Invalid";
}

}  // namespace abi::vbus
