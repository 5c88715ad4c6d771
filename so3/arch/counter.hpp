// The counter that all CPUs share: CNTPCT_EL0 and CNTFRQ_EL0.
#pragma once
#ifdef __linux__
#include "so3/arch/host/counter.hpp"
#else
#include "so3/arch/arm64/counter.hpp"
#endif
