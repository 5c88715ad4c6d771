#include "engine/diagram/wrap.hpp"

#include <algorithm>

#include "engine/diagram/svg.hpp"

namespace engine::diagram {

std::vector<std::string> wrapped(std::string_view text, double width) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!lines.empty() && text_width(lines.back()) + text_width(word) + character_width <= width)
      lines.back().append(" ").append(word);
    else lines.emplace_back(word);
  }
  return lines;
}

}  // namespace engine::diagram
