// What must be said before this domain ends and is gone with all it has in memory.
#pragma once

namespace guest {

// One function; the last one given counts. Any context.
void on_last_words(void (*function)());

// Before the domain ends by its own decision. Threads and domcalls.
void last_words();

}  // namespace guest
