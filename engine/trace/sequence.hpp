// A time line as a sequence diagram: callbacks, states and transfers; life lines are agencies and MEs.
#pragma once
#include <limits>
#include <span>
#include <string>

#include "engine/diagram/sequence_diagram.hpp"
#include "engine/trace/timeline.hpp"

namespace engine::trace {

// From there on it is called so.
struct Heading {
  Timeline::Time since;
  std::string text;
};

// Steps from `begin` until before `end`, and the headings among them; times are since `begin` then.
struct Part {
  Timeline::Time begin = std::numeric_limits<Timeline::Time>::min(), end = std::numeric_limits<Timeline::Time>::max();
};

[[nodiscard]] diagram::SequenceDiagram sequence_of(const Timeline& timeline, std::span<const Heading> headings = {},
                                                   Part part = {});

}  // namespace engine::trace
