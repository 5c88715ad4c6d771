#include "engine/diagram/wrap.hpp"

#include <algorithm>

#include "engine/diagram/svg.hpp"

namespace engine::diagram {

std::vector<std::string> wrapped(std::string_view text, double width) {
  const auto columns_max = static_cast<std::size_t>(width / character_width + 1e-6);
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!lines.empty() && columns(lines.back()) + 1 + columns(word) <= columns_max)
      lines.back().append(" ").append(word);
    else lines.emplace_back(word);
  }
  return lines;
}

}  // namespace engine::diagram
