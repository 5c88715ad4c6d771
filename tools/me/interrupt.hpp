// Ctrl-C, SIGTERM and SIGHUP end `me` with exit code 11, and with nothing left behind.
#pragma once
#include <stop_token>

namespace me {

// First thing in main(): such a signal waits from here on. Threads and children inherit that; what is started by
// engine::Process does not.
void hold_interrupts();

// From here on a signal ends the program at once, unless somebody has asked for the token.
void watch_interrupts();

// For who has something to put away: a signal requests a stop, and that is all. The second one ends the program.
[[nodiscard]] std::stop_token interrupt_token();

}  // namespace me
