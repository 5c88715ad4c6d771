// Bringing the CPUs up, at boot.
#pragma once
#include <cstdint>
#include <span>

namespace avz {

// Of this CPU: those that record what they see (trace.hpp), or those that do not.
void set_vectors(bool traced);

void init_first_cpu(std::uint32_t gic_version);
// One after the other, by PSCI. A CPU that does not start is said so on the console and left out.
void start_other_cpus(std::span<const std::uint64_t> mpidr);

}  // namespace avz
