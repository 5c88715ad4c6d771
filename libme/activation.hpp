// What makes an ME visible and connected, and what takes it back.
#pragma once
#include "so3/abi/status.hpp"

namespace me {

// Writes soo/me/<slot>/{spid,spadcaps,name,shortdesc} and connects the frontends that the device tree enables. Blocks
// until all are connected. What fails is on the console, with its name.
abi::Status activate();

// vbstore waits from now on, and with it whoever calls it. Frontends are suspended by their backends before.
abi::Status suspend();
// vbstore goes on where it was; frontends are resumed by their backends afterwards.
abi::Status resume();
// The same at a new place, where nothing of this ME is: what activate() does, with the watches that authors have and the
// frontends as they are. Blocks until all are connected.
abi::Status arrive();

// Its frontends have been connected, here or where it came from, and are not closed.
bool is_active();

// Closes the frontends, ends their grants and removes all that activate() wrote.
abi::Status close();

}  // namespace me
