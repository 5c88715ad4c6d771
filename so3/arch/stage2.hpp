// Invalidation of stage-2 translations, on all CPUs, complete on return.
#pragma once
#ifdef __linux__
#include "so3/arch/host/stage2.hpp"
#else
#include "so3/arch/arm64/stage2.hpp"
#endif
