// A time line as a sequence diagram: callbacks, states and transfers; life lines are agencies and MEs.
#pragma once
#include "engine/diagram/sequence_diagram.hpp"
#include "engine/trace/timeline.hpp"

namespace engine::trace {

[[nodiscard]] diagram::SequenceDiagram sequence_of(const Timeline& timeline);

}  // namespace engine::trace
