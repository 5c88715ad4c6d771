// The lifecycle table (so3/abi/lifecycle.hpp) as a picture and as a table.
#pragma once
#include <expected>
#include <string>

#include "engine/diagram/state_diagram.hpp"

namespace manual {

// Without the prefix that all have.
[[nodiscard]] std::string_view short_name(std::string_view state);

// The error: which transition has no place in the picture.
[[nodiscard]] std::expected<engine::diagram::StateDiagram, std::string> state_diagram();

[[nodiscard]] std::string transition_table();

}  // namespace manual
