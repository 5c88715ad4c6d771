#include "engine/logs/lines.hpp"

#include <fmt/format.h>

#include <sstream>

namespace engine {

std::vector<std::string> lines_of(const LogLines& log) {
  const auto prefix = fmt::format("[ME:{}] ", log.slot);
  std::vector<std::string> lines;
  std::istringstream text(log.text);
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(prefix)) line.erase(0, prefix.size());
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace engine
