// Log lines of this ME, in C++; <vlogs/vlogs.h> says what becomes of them. For formatted ones use logs(): its format is
// checked by the compiler.
#pragma once
#include <vlogs/vlogs.h>

#include <string_view>

namespace vlogs {

enum class Level { error = VLOGS_ERROR, warning = VLOGS_WARNING, info = VLOGS_INFO, debug = VLOGS_DEBUG };

// False: lost, and counted.
bool write(Level level, std::string_view message);

inline void log(std::string_view message) { static_cast<void>(write(Level::info, message)); }
inline void log(Level level, std::string_view message) { static_cast<void>(write(level, message)); }

inline bool ready() { return vlogs_ready(); }

}  // namespace vlogs
