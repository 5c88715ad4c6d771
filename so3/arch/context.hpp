// The context of a thread, and interrupts of the CPU it runs on, of the machine this is built for.
#pragma once
#ifdef __linux__
#include "so3/arch/host/context.hpp"
#else
#include "so3/arch/arm64/el1/context.hpp"
#endif
