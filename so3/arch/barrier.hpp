// Barriers and hints of the CPU this is built for.
#pragma once
#ifdef __linux__
#include "so3/arch/host/barrier.hpp"
#else
#include "so3/arch/arm64/barrier.hpp"
#endif
