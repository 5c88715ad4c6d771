// Where an ME goes.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "so3/agency/me/refusal.hpp"
#include "so3/agency/me/residents.hpp"

namespace agency {

// The one with the fewest MEs of CPUs 1 to cpus-1 (CPU 0 is the agency's alone); one with none at all for an ME that
// wants a CPU to itself. The error is a sentence with the remedy.
std::expected<std::uint32_t, std::string> choose_cpu(const Residents& residents, std::uint32_t cpus, bool exclusive);

// A domain for it on the CPU that choose_cpu finds. The refusal says what there is too little of, and what to do.
std::expected<std::shared_ptr<Me>, Refusal> place(Residents& residents, std::uint32_t cpus, Wanted wanted);

}  // namespace agency
