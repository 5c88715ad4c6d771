#include "engine/diagram/sequence_diagram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/diagram/svg.hpp"

namespace engine::diagram {
namespace {

using Row = SequenceDiagram::Row;
using Anchor = Svg::Anchor;

constexpr double margin = 24, head = 92;

std::vector<Row> shortened(const std::vector<Row>& rows) {
  if (rows.size() <= SequenceDiagram::rows_max) return rows;
  // The beginning says more than the end.
  constexpr auto first = SequenceDiagram::rows_max * 3 / 4, last = SequenceDiagram::rows_max - first - 1;
  std::vector<Row> some(rows.begin(), rows.begin() + first);
  some.push_back({Row::Kind::gap,
                  0,
                  0,
                  fmt::format("{} more are left out here; the trace has them", rows.size() - first - last),
                  {}});
  some.insert(some.end(), rows.end() - last, rows.end());
  return some;
}

double text_width(std::string_view text) { return static_cast<double>(text.size()) * character_width; }

// Wide enough for the text of an arrow between neighbours, for notes and for names.
double column_width(const SequenceDiagram& diagram) {
  double width = 120;
  for (const auto& l : diagram.lifelines) width = std::max(width, text_width(l.name) + 30);
  for (const auto& r : diagram.rows) {
    const auto span = static_cast<double>(r.from > r.to ? r.from - r.to : r.to - r.from);
    if (r.kind == Row::Kind::gap) continue;
    width = std::max(width, (text_width(r.text) + 34) / std::max(span, 1.0));
  }
  return std::min(width, 280.0);
}

void draw_heads(Svg& svg, const SequenceDiagram& diagram, double left, double column) {
  const auto x = [&](std::size_t i) { return left + (static_cast<double>(i) + 0.5) * column; };
  for (std::size_t i = 0; i < diagram.lifelines.size(); i++) {
    svg.box({x(i), head - 18}, column - 14, 24, diagram.lifelines[i].name, "head-box");
    auto last = i;
    while (last + 1 < diagram.lifelines.size() && diagram.lifelines[last + 1].group == diagram.lifelines[i].group)
      last++;
    const bool first = i == 0 || diagram.lifelines[i - 1].group != diagram.lifelines[i].group;
    if (first && !diagram.lifelines[i].group.empty())
      svg.text({(x(i) + x(last)) / 2, head - 40}, diagram.lifelines[i].group, "dim");
  }
}

void draw(Svg& svg, const Row& row, double y, double left, double column, double right) {
  const auto x = [&](std::uint32_t i) { return left + (i + 0.5) * column; };
  if (!row.when.empty()) svg.text({left - 6, y + 4}, row.when, "dim", Anchor::end);
  const Point from{x(row.from), y + 4}, to{x(row.to), y + 4};
  switch (row.kind) {
    case Row::Kind::gap: return svg.text({(left + right) / 2, y + 4}, row.text, "dim");
    case Row::Kind::note: return svg.box({from.x, y}, text_width(row.text) + 16, 19, row.text, "note");
    case Row::Kind::state: return svg.box({from.x, y}, text_width(row.text) + 16, 19, row.text, "state");
    case Row::Kind::call: svg.line(from, to, "call"); break;
    case Row::Kind::answer: svg.line(from, to, "dashed"); break;
    case Row::Kind::transfer: svg.line(from, to, "transfer"); break;
  }
  svg.text({(from.x + to.x) / 2, y - 1}, row.text, row.kind == Row::Kind::answer ? "dim" : "label");
}

}  // namespace

std::string to_svg(const SequenceDiagram& diagram) {
  const auto rows = shortened(diagram.rows);
  const bool timed = std::ranges::any_of(rows, [](const Row& r) { return !r.when.empty(); });
  const double left = margin + (timed ? 80 : 0), column = column_width(diagram);
  const double right = left + static_cast<double>(diagram.lifelines.size()) * column;
  const double width = std::max(right, text_width(diagram.title) * 1.4 + margin) + margin;
  const double bottom = head + static_cast<double>(rows.size() + 1) * line_height;
  Svg svg(width, bottom + margin, diagram.title);
  svg.text({margin, 28}, diagram.title, "title", Anchor::start);
  for (std::size_t i = 0; i < diagram.lifelines.size(); i++) {
    const double x = left + (static_cast<double>(i) + 0.5) * column;
    svg.line({x, head - 6}, {x, bottom}, "life");
  }
  draw_heads(svg, diagram, left, column);
  double y = head + line_height;
  for (const auto& row : rows) {
    draw(svg, row, y, left, column, right);
    y += line_height;
  }
  return std::move(svg).finish();
}

}  // namespace engine::diagram
