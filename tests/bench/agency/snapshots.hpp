#pragma once
#include "tests/bench/agency/partner.hpp"

namespace bench {

// How long an ME stands still for a snapshot, of three sizes with every page in use.
bool measure_snapshot_pauses();
// The first write of the ME to a page while its snapshot is read.
agency::Task<bool> measure_snapshot_faults(Partner& partner);

}  // namespace bench
