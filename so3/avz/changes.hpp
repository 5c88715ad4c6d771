// Slots whose domain changed state, crashed or answered a dc_event since the agency asked last (domain_next_change).
#pragma once
#include <cstdint>

namespace avz {

// Remembers the slot. The agency's control port is signalled by signal_changes(), once the slot is unlocked.
void note_change(std::uint32_t slot);
void signal_changes();
// A slot that was noted, forgotten with this; 0: none. Slots take turns.
[[nodiscard]] std::uint32_t next_change();

}  // namespace avz
