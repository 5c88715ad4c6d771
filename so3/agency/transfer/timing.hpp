// How long the two sides of a transfer wait for each other.
#pragma once
#include <cstdint>

#include "so3/abi/transfer.hpp"
#include "so3/agency/loop/loop.hpp"

namespace agency::transfer {

using Time = std::uint64_t;  // nanoseconds, as Loop::now()

inline constexpr Time patience = abi::transfer::patience_ms * ms;
// Whoever said nothing for so long repeats himself.
inline constexpr Time word_period = 1'000 * ms;
// A peer may be alive and never come to an end: a stream gets on, and an arrival ends, within these.
inline constexpr Time standstill_max = 30'000 * ms;
inline constexpr Time arrival_max = 60'000 * ms;
// The ME that was frozen resumes before its copy is sent, which keeps the same CPU busy for longer. Not for more than
// this: it may wait for pages that only the copy gives back.
inline constexpr Time resuming_max = 2 * ms;

// An ME writes on while its snapshot is read, until the reserve of avz is full; then it waits. All in all for no longer
// than this, and looked at so often.
inline constexpr Time held_up_max = 2'000 * ms;
inline constexpr Time held_up_step = 100 * ms;

static_assert(2 * word_period < patience && patience < standstill_max);

}  // namespace agency::transfer
