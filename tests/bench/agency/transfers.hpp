#pragma once
#include "tests/bench/agency/bench.hpp"

namespace bench {

// A fresh refso3 goes to a neighbour; what went there comes back, and from a file.
agency::Task<bool> measure_transfers(Agency agency, EngineEnd& engine);

}  // namespace bench
