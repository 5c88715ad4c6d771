// The sequences of so3/abi/sequence.hpp, each as a picture and all as a table.
#pragma once
#include <string>

#include "engine/diagram/sequence_diagram.hpp"
#include "so3/abi/sequence.hpp"

namespace manual {

[[nodiscard]] engine::diagram::SequenceDiagram sequence_diagram(const abi::Sequence& sequence);
[[nodiscard]] std::string sequence_table();

}  // namespace manual
