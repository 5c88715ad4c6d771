// A counter that moves only when a test says so, or when all threads sleep.
#pragma once
#include <cstdint>

namespace arch {

namespace host {
inline std::uint64_t counter = 0;
inline std::uint64_t timer_at = 0;
inline bool timer_on = false;
}  // namespace host

inline std::uint64_t counter() { return host::counter; }
inline void set_timer(std::uint64_t at) {
  host::timer_at = at;
  host::timer_on = true;
}
inline void stop_timer() { host::timer_on = false; }

}  // namespace arch
