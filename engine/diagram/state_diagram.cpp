#include "engine/diagram/state_diagram.hpp"

#include <algorithm>
#include <cmath>

namespace engine::diagram {
namespace {

using Box = StateDiagram::Box;

// Where a line from the box towards `goal` leaves it: straight up, down or aside where that meets the goal.
Point border(const Box& box, Point goal) {
  const double half_width = box.width / 2 + 2, half_height = box.height / 2 + 2;
  const double dx = goal.x - box.at.x, dy = goal.y - box.at.y;
  if (std::abs(dx) < half_width) return {goal.x, box.at.y + std::copysign(half_height, dy)};
  if (std::abs(dy) < half_height) return {box.at.x + std::copysign(half_width, dx), goal.y};
  const double scale = std::min(half_width / std::abs(dx), half_height / std::abs(dy));
  return {box.at.x + dx * scale, box.at.y + dy * scale};
}

Box moved(Box box, double dx, double dy) {
  box.at.x += dx;
  box.at.y += dy;
  return box;
}

void draw_label(Svg& svg, const StateDiagram::Transition& transition) {
  auto at = transition.label.at;
  for (const auto& line : transition.label.lines) {
    svg.text({at.x, at.y + 4}, line, "label " + transition.kind, transition.label.anchor);
    at.y += line_height;
  }
}

}  // namespace

std::vector<Point> route(const StateDiagram& diagram, const StateDiagram::Transition& t) {
  const auto &a = diagram.boxes[t.from], &b = diagram.boxes[t.to];
  if (!t.via.empty()) {
    std::vector<Point> points{border(a, t.via.front())};
    points.insert(points.end(), t.via.begin(), t.via.end());
    points.push_back(border(b, t.via.back()));
    return points;
  }
  const double dx = b.at.x - a.at.x, dy = b.at.y - a.at.y, length = std::hypot(dx, dy);
  const auto from = moved(a, -dy / length * t.shift, dx / length * t.shift);
  const auto to = moved(b, -dy / length * t.shift, dx / length * t.shift);
  // What stands within a group decides where an arrow from the group begins.
  const Point begin = border(a.group ? a : from, to.at);
  return {begin, border(b.group ? b : to, a.group ? begin : from.at)};
}

std::string to_svg(const StateDiagram& diagram) {
  Svg svg(diagram.width, diagram.height, diagram.title);
  svg.text({24, 32}, diagram.title, "title", Svg::Anchor::start);
  for (const auto& box : diagram.boxes) {
    if (!box.group) continue;
    svg.box(box.at, box.width, box.height, "", "group");
    svg.text({box.at.x, box.at.y - box.height / 2 + 19}, box.name, "dim");
  }
  for (const auto& t : diagram.transitions) svg.arrow(route(diagram, t), t.kind);
  for (const auto& t : diagram.transitions) draw_label(svg, t);
  for (const auto& box : diagram.boxes)
    if (!box.group) svg.box(box.at, box.width, box.height, box.name, "state");
  svg.text({24, diagram.height - 46}, diagram.remark, "dim", Svg::Anchor::start);
  double x = 24;
  for (const auto& k : diagram.keys) {
    const Point line[] = {{x, diagram.height - 22}, {x + 30, diagram.height - 22}};
    svg.arrow(line, k.kind);
    svg.text({x + 38, diagram.height - 18}, k.meaning, k.kind, Svg::Anchor::start);
    x += text_width(k.meaning) + 66;
  }
  return std::move(svg).finish();
}

}  // namespace engine::diagram
