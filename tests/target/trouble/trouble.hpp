#pragma once

// Every hypercall but those that must end or stop the caller, with arguments that mean nothing. Returns how many.
unsigned make_garbage_hypercalls();

// Tells the agency that there is something in the store's ring, which there is not, as fast as it can.
[[noreturn]] void signal_without_end();
