// Where avz sees physical memory: everywhere at its own address on the target, in an array in the host's tests.
#pragma once
#ifdef __linux__
#include "so3/arch/host/physical.hpp"
#else
#include "so3/arch/arm64/physical.hpp"
#endif
