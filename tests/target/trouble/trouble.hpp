#pragma once

// Every hypercall but those that must end or stop the caller, with arguments that mean nothing. Returns how many.
unsigned make_garbage_hypercalls();
