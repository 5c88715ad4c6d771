#include "so3/guest/vbus/frontend.hpp"

// Around the section that SO3_FRONTEND fills; the linker defines them if there is one.
extern "C" {
[[gnu::weak]] extern const vbus::Driver* const __start_so3_frontends[];
[[gnu::weak]] extern const vbus::Driver* const __stop_so3_frontends[];
}

namespace vbus {

const Driver* find_driver(std::string_view type) {
  for (auto at = __start_so3_frontends; at != __stop_so3_frontends; ++at)
    if ((*at)->type == type) return *at;
  return nullptr;
}

}  // namespace vbus
