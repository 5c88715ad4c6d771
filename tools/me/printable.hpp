// Text that others wrote - guests, capsules, tools - made harmless for a terminal.
#pragma once
#include <string>
#include <string_view>

namespace me {

// One line. What could move the cursor, change colours or turn the direction of writing becomes \xNN, byte by byte:
// control characters (also those from 0x80 on), marks of direction, and bytes that are not UTF-8. Tabs stay.
[[nodiscard]] std::string printable(std::string_view text);
// The same for several lines.
[[nodiscard]] std::string printable_lines(std::string_view text);

}  // namespace me
