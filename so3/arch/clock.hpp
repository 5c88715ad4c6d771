// The counter and the timer of this CPU, of the machine this is built for.
#pragma once
#ifdef __linux__
#include "so3/arch/host/clock.hpp"
#else
#include "so3/arch/arm64/el1/clock.hpp"
#endif
