#include "engine/diagram/sequence_diagram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/diagram/svg.hpp"
#include "engine/diagram/wrap.hpp"

namespace engine::diagram {
namespace {

using Row = SequenceDiagram::Row;
using Anchor = Svg::Anchor;

constexpr double margin = 24, head = 96, row_height = 26, bare_row = 8, column_max = 280,
                 remark_width = 48 * character_width;

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

// Where everything is, from left to right.
struct Columns {
  double left, column, right, width;
  double middle(std::size_t lifeline) const { return left + (static_cast<double>(lifeline) + 0.5) * column; }
};

// Wide enough for the text of an arrow between neighbours, for notes and for names.
double column_width(const SequenceDiagram& diagram, const std::vector<Row>& rows) {
  double width = 120;
  for (const auto& l : diagram.lifelines) width = std::max(width, text_width(l.name) + 30);
  for (const auto& r : rows) {
    if (r.kind == Row::Kind::gap || r.kind == Row::Kind::heading) continue;
    const auto span = static_cast<double>(r.from > r.to ? r.from - r.to : r.to - r.from);
    width = std::max(width, (text_width(r.text) + 34) / std::max(span, 1.0));
  }
  return std::min(width, column_max);
}

Columns columns_of(const SequenceDiagram& diagram, const std::vector<Row>& rows) {
  Columns c{};
  c.left = margin;
  for (const auto& r : rows)
    if (!r.when.empty()) c.left = std::max(c.left, text_width(r.when) + margin + 14);
  c.column = column_width(diagram, rows);
  c.right = c.left + static_cast<double>(diagram.lifelines.size()) * c.column;
  double width = std::max(c.right, text_width(diagram.title) * 1.4 + margin);
  for (const auto& r : rows) {
    if (!r.remark.empty()) width = std::max(width, c.right + 18 + remark_width);
    if (r.kind == Row::Kind::gap || r.kind == Row::Kind::heading) width = std::max(width, margin + text_width(r.text));
  }
  c.width = width + margin;
  return c;
}

void draw_lifelines(Svg& svg, const SequenceDiagram& diagram, const Columns& c, double bottom) {
  const auto& all = diagram.lifelines;
  for (std::size_t first = 0, end; first < all.size(); first = end) {
    for (end = first + 1; end < all.size() && all[end].group == all[first].group;) end++;
    if (all[first].group.empty()) continue;
    const double from = c.left + static_cast<double>(first) * c.column + 3;
    const double to = c.left + static_cast<double>(end) * c.column - 3;
    svg.box({(from + to) / 2, (head - 50 + bottom) / 2}, to - from, bottom - head + 62, "", "group");
    svg.text({(from + to) / 2, head - 38}, fitted(all[first].group, to - from - 12), "dim");
  }
  for (std::size_t i = 0; i < all.size(); i++) {
    const double x = c.middle(i);
    svg.line({x, head - 4}, {x, bottom}, "life");
    svg.box({x, head - 16}, c.column - 14, 24, fitted(all[i].name, c.column - 24), "head-box");
  }
}

// Where each row is, from top to bottom, and where the last ends. A row with a remark waits for the end of the last one.
std::vector<double> heights(const std::vector<Row>& rows) {
  std::vector<double> all;
  double y = head + row_height, remark_end = 0;
  for (const auto& row : rows) {
    const auto lines = wrapped(row.remark, remark_width).size();
    if (lines > 0) y = std::max(y, remark_end);
    const bool bare = row.text.empty();  // nothing stands above the arrow
    all.push_back(bare ? y - bare_row : y);
    if (lines > 0) remark_end = y + static_cast<double>(lines) * line_height + 6;
    y += bare ? row_height - bare_row : row_height;
  }
  all.push_back(std::max(y, remark_end));
  return all;
}

void draw_boxed(Svg& svg, const Row& row, Point at, const Columns& c, std::string_view kind) {
  const auto text = fitted(row.text, c.column - 30);
  svg.box(at, text_width(text) + 16, 20, text, kind);
}

void draw(Svg& svg, const Row& row, double y, const Columns& c) {
  if (!row.when.empty()) svg.text({c.left - 10, y + 4}, row.when, "dim", Anchor::end);
  double remark_y = y + 4;
  for (const auto& line : wrapped(row.remark, remark_width)) {
    svg.text({c.right + 18, remark_y}, line, "dim", Anchor::start);
    remark_y += line_height;
  }
  const Point points[] = {{c.middle(row.from), y + 4}, {c.middle(row.to), y + 4}};
  const auto arrow = [&](std::string_view kind) {
    const double span = std::max(std::abs(points[1].x - points[0].x), c.column);
    svg.arrow(points, kind);
    if (!row.text.empty())
      svg.text({(points[0].x + points[1].x) / 2, y - 2}, fitted(row.text, span - 24),
               row.kind == Row::Kind::answer ? "label dim" : "label");
  };
  switch (row.kind) {
    case Row::Kind::heading:
      svg.line({margin, y - 11}, {c.right, y - 11}, "life");
      return svg.text({margin, y + 6}, row.text, "label", Anchor::start);
    case Row::Kind::gap: return svg.text({margin, y + 4}, row.text, "dim", Anchor::start);
    case Row::Kind::note: return draw_boxed(svg, row, {points[0].x, y}, c, "note");
    case Row::Kind::state: return draw_boxed(svg, row, {points[0].x, y}, c, "state");
    case Row::Kind::call: return arrow("call");
    case Row::Kind::answer: return arrow("answer");
    case Row::Kind::transfer: return arrow("transfer");
  }
}

}  // namespace

std::string to_svg(const SequenceDiagram& diagram) {
  const auto rows = shortened(diagram.rows);
  const auto c = columns_of(diagram, rows);
  const auto ys = heights(rows);
  const double bottom = ys.back();
  Svg svg(c.width, bottom + margin, diagram.title);
  svg.text({margin, 32}, diagram.title, "title", Anchor::start);
  draw_lifelines(svg, diagram, c, bottom);
  for (std::size_t i = 0; i < rows.size(); i++) draw(svg, rows[i], ys[i], c);
  return std::move(svg).finish();
}

}  // namespace engine::diagram
