// Stopping the vCPU of an ME.
#pragma once
#include <expected>
#include <memory>

#include "so3/agency/loop/task.hpp"
#include "so3/agency/me/residents.hpp"

namespace agency {

// How long avz is asked, for whatever needs the vCPU at a safe point: avz ends an ME that comes to none within a second
// of the first time.
inline constexpr std::uint64_t stopping_max = 2'000 * ms;

// domain_pause until it has happened. not_found: the ME is gone.
Task<std::expected<Done, abi::Status>> stop_vcpu(Loop& loop, Residents& residents, std::shared_ptr<Me> me);

}  // namespace agency
