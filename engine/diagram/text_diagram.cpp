#include "engine/diagram/text_diagram.hpp"

#include <algorithm>

#include "engine/diagram/svg.hpp"

namespace engine::diagram {
namespace {

using Row = SequenceDiagram::Row;

// A line of columns that text is put into, from left to right.
class Line {
 public:
  void put(std::size_t column, std::string_view text) {
    if (column > width_) {
      text_.append(column - width_, ' ');
      width_ = column;
    }
    text_ += text;
    width_ += columns(text);
  }
  std::string take() && {
    text_.erase(text_.find_last_not_of(' ') + 1);
    return std::move(text_);
  }

 private:
  std::string text_;
  std::size_t width_ = 0;
};

// What a row says in the lane that it is in.
std::string words(const Row& row) { return row.kind == Row::Kind::state ? "[" + row.text + "]" : row.text; }

struct Lanes {
  std::vector<std::size_t> begin;  // columns
  std::vector<std::size_t> width;
};

Lanes lanes_of(const SequenceDiagram& diagram) {
  Lanes lanes;
  std::size_t column = 0;
  for (const auto& row : diagram.rows) column = std::max(column, columns(row.when) + 3);
  for (std::size_t i = 0; i < diagram.lifelines.size(); i++) {
    auto width = std::max(columns(diagram.lifelines[i].name), std::size_t{4});
    for (const auto& row : diagram.rows)
      if (row.to == i && row.kind != Row::Kind::transfer && row.kind != Row::Kind::answer &&
          row.kind != Row::Kind::heading && row.kind != Row::Kind::gap)
        width = std::max(width, columns(words(row)) + 2);
    width = std::min(width, text_lane_max);
    lanes.begin.push_back(column);
    lanes.width.push_back(width);
    column += width + 2;
  }
  return lanes;
}

// "|--- text -->|" from lane to lane; every other lane goes on.
std::string transfer(const Row& row, const Lanes& lanes) {
  const auto left = std::min(row.from, row.to), right = std::max(row.from, row.to);
  const auto room = lanes.begin[right] - lanes.begin[left] - 1;
  std::string arrow = " " + cut(row.text, room > 6 ? room - 6 : 1) + " ";
  const auto rest = room > columns(arrow) ? room - columns(arrow) : 0;
  arrow = std::string(rest / 2, '-') + arrow + std::string(rest - rest / 2, '-');
  if (row.from < row.to) arrow.back() = '>';
  else arrow.front() = '<';
  Line line;
  line.put(lanes.begin.front() - columns(row.when) - 3, row.when);
  for (std::size_t i = 0; i < lanes.begin.size(); i++) {
    if (i > left && i < right) continue;
    line.put(lanes.begin[i], "|");
    if (i == left) line.put(lanes.begin[i] + 1, arrow);
  }
  return std::move(line).take();
}

std::string in_lane(const Row& row, const Lanes& lanes) {
  Line line;
  line.put(lanes.begin.front() - columns(row.when) - 3, row.when);
  for (std::size_t i = 0; i < lanes.begin.size(); i++) {
    line.put(lanes.begin[i], "|");
    if (i == row.to) line.put(lanes.begin[i] + 2, cut(words(row), lanes.width[i] - 2));
  }
  return std::move(line).take();
}

}  // namespace

std::vector<std::string> to_text(const SequenceDiagram& diagram) {
  const auto lanes = lanes_of(diagram);
  Line groups, names;
  for (std::size_t i = 0; i < diagram.lifelines.size(); i++) {
    const auto& lifeline = diagram.lifelines[i];
    const bool first = i == 0 || diagram.lifelines[i - 1].group != lifeline.group;
    if (first) groups.put(lanes.begin[i], cut(lifeline.group, lanes.width[i]));
    names.put(lanes.begin[i], cut(lifeline.name, lanes.width[i]));
  }
  std::vector<std::string> lines{std::move(groups).take(), std::move(names).take()};
  for (const auto& row : diagram.rows) {
    if (row.kind == Row::Kind::answer) continue;
    if (row.kind == Row::Kind::gap || row.kind == Row::Kind::heading) lines.push_back(row.text);
    else if (row.kind == Row::Kind::transfer && row.from != row.to) lines.push_back(transfer(row, lanes));
    else lines.push_back(in_lane(row, lanes));
  }
  return lines;
}

}  // namespace engine::diagram
