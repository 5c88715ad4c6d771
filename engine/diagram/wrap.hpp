// Text in lines.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace engine::diagram {

// Broken at spaces, so that no line is wider unless a word is. No lines of an empty text.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, double width);

}  // namespace engine::diagram
