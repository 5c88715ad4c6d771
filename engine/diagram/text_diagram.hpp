// A sequence diagram for a terminal: a line of time for each row, in plain characters.
#pragma once
#include <string>
#include <vector>

#include "engine/diagram/sequence_diagram.hpp"

namespace engine::diagram {

// Calls, notes and states stand in the lane of whoever they happen to; answers are left out, transfers are arrows from
// lane to lane. Text that takes more than text_lane_max is cut. Names of guests are in it as they are.
inline constexpr std::size_t text_lane_max = 28;
[[nodiscard]] std::vector<std::string> to_text(const SequenceDiagram& diagram);

}  // namespace engine::diagram
