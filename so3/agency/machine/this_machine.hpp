// What the agency's loop needs of the machine it runs on.
#pragma once
#include <cstdint>
#include <optional>

#include "so3/agency/agency.hpp"

namespace agency {

// For Doorbells: ends sleep_until(), now or next time. Any context.
void wake();
// Until woken or until that time; without one until woken.
void sleep_until(std::optional<std::uint64_t> time);

// Maps the host's window. Once.
Environment environment();

}  // namespace agency
