// States and what leads from one to the other.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/diagram/svg.hpp"

namespace engine::diagram {

struct StateDiagram {
  struct State {
    std::string name;
    Point at;  // its middle
  };
  struct Transition {
    std::uint32_t from, to;
    std::string label;
    std::string kind;  // who: avz, agency, me
    double bow = 14;   // how far the arrow goes to its right
  };
  struct Key {
    std::string kind, meaning;
  };
  std::string title;
  double width, height;
  std::vector<State> states;
  std::vector<Transition> transitions;
  std::vector<Key> keys;
};

[[nodiscard]] std::string to_svg(const StateDiagram& diagram);

}  // namespace engine::diagram
