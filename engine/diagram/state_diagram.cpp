#include "engine/diagram/state_diagram.hpp"

#include <algorithm>
#include <cmath>

namespace engine::diagram {
namespace {

constexpr double box_height = 34;

double box_width(const StateDiagram::State& s) { return static_cast<double>(s.name.size()) * character_width + 34; }

// Where a line from the middle of the state towards `goal` leaves its box.
Point border(const StateDiagram::State& s, Point goal) {
  const double dx = goal.x - s.at.x, dy = goal.y - s.at.y;
  const double scale = std::min(dx == 0 ? 1e9 : (box_width(s) / 2 + 3) / std::abs(dx),
                                dy == 0 ? 1e9 : (box_height / 2 + 3) / std::abs(dy));
  return {s.at.x + dx * scale, s.at.y + dy * scale};
}

// The middle of the curve, or as far beside the straight line.
Point beside(Point from, Point to, double bow) {
  const double dx = to.x - from.x, dy = to.y - from.y, length = std::hypot(dx, dy);
  return {(from.x + to.x) / 2 - dy / length * bow, (from.y + to.y) / 2 + dx / length * bow};
}

}  // namespace

std::string to_svg(const StateDiagram& diagram) {
  Svg svg(diagram.width, diagram.height, diagram.title);
  svg.text({24, 28}, diagram.title, "title", Svg::Anchor::start);
  for (const auto& t : diagram.transitions) {
    const auto &a = diagram.states[t.from], &b = diagram.states[t.to];
    const Point by = beside(a.at, b.at, t.bow * 2);
    const Point from = border(a, by), to = border(b, by);
    svg.curve(from, to, t.bow, t.kind);
  }
  for (const auto& t : diagram.transitions) {
    const auto &a = diagram.states[t.from], &b = diagram.states[t.to];
    const Point by = beside(a.at, b.at, t.bow * 2);
    const Point at = beside(border(a, by), border(b, by), t.bow);
    svg.box(at, static_cast<double>(t.label.size()) * character_width + 8, 16, t.label, t.kind);
  }
  for (const auto& s : diagram.states) svg.box(s.at, box_width(s), box_height, s.name, "state-box");
  double x = 24;
  for (const auto& k : diagram.keys) {
    svg.line({x, diagram.height - 22}, {x + 28, diagram.height - 22}, k.kind);
    svg.text({x + 36, diagram.height - 18}, k.meaning, k.kind, Svg::Anchor::start);
    x += static_cast<double>(k.meaning.size()) * character_width + 64;
  }
  return std::move(svg).finish();
}

}  // namespace engine::diagram
