// The process behind a smart object that `me up` leaves running.
#pragma once
#include "engine/options.hpp"

namespace me {

// Owns the smart object until `me down`, a signal, or its death; serves verbs over the runtime folder's socket.
// `report` is a pipe to `me up`: {"remark": …} lines, then {"ready": …} or {"error": …}; if its reader goes before
// that, the start is given up. Returns the exit code.
int supervise(const engine::Options& options, int report);

}  // namespace me
