// Who says what to whom, from top to bottom. Order is to scale, time is not.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace engine::diagram {

struct SequenceDiagram {
  struct Lifeline {
    std::string name;
    std::string group;  // neighbouring ones of one group stand under its name
  };
  struct Row {
    enum class Kind { call, answer, transfer, note, state, heading, gap } kind;
    std::uint32_t from, to;  // lifelines; of a note or state both the same; of a heading or gap none
    std::string text;
    std::string when;
    std::string remark = {};  // beside the picture, in as many lines as it takes
  };
  std::string title;
  std::vector<Lifeline> lifelines;
  std::vector<Row> rows;

  // With more rows than this some in the middle are left out, and a row says how many.
  static constexpr std::size_t rows_max = 240;
};

[[nodiscard]] std::string to_svg(const SequenceDiagram& diagram);

}  // namespace engine::diagram
