// Which smart object this domain is at, for what means something at one place only: ports and grant references.
#pragma once
#include <cstdint>

namespace guest {

using Place = std::uint32_t;

// Another number at each place. Whoever keeps a port or a reference keeps this with it.
Place here();

// This domain is at another place. Ports and references from before are gone: their handlers are forgotten, and those who
// hold them find out by here(). Before anything is allocated at the new place.
void arrive();

}  // namespace guest
