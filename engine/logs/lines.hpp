// What MEs said, out of the lines that are logged.
#pragma once
#include <string>
#include <vector>

#include "engine/event.hpp"

namespace engine {

// Without the prefix "[ME:2] " and without ends. A line without its prefix comes as it is.
[[nodiscard]] std::vector<std::string> lines_of(const LogLines& log);

}  // namespace engine
