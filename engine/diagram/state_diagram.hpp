// States and what leads from one to the other. Whoever knows the states says where they stand; arrows find the borders.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/diagram/svg.hpp"

namespace engine::diagram {

struct StateDiagram {
  struct Box {
    std::string name;
    Point at;  // its middle
    double width, height;
    bool group = false;  // around others: an arrow from it is one from each of them
  };
  struct Label {
    std::vector<std::string> lines;
    Point at;  // the middle of its first line, or where all lines begin or end
    Svg::Anchor anchor = Svg::Anchor::middle;
  };
  struct Transition {
    std::uint32_t from, to;  // boxes
    std::string kind;  // who: avz, agency, me
    Label label;
    std::vector<Point> via;  // where it bends
    double shift = 0;  // as far beside the line between the two, to its right
  };
  struct Key {
    std::string kind, meaning;
  };
  std::string title;
  double width, height;
  std::vector<Box> boxes;
  std::vector<Transition> transitions;
  std::vector<Key> keys;
  std::string remark;
};

// From border to border, by the bends.
[[nodiscard]] std::vector<Point> route(const StateDiagram& diagram, const StateDiagram::Transition& transition);
[[nodiscard]] std::string to_svg(const StateDiagram& diagram);

}  // namespace engine::diagram
