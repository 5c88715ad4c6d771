#pragma once
#include "tests/bench/agency/bench.hpp"

namespace bench {

// Asked of an ME that sleeps, as the sequences ask it.
agency::Task<bool> measure_dc_events(Agency agency, std::uint32_t slot);

}  // namespace bench
