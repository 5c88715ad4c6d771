// Issue 3, item 10.
#include "engine/diagram/text_diagram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/diagram/svg.hpp"

namespace engine::diagram {
namespace {

using Row = SequenceDiagram::Row;
using testing::Each;
using testing::ElementsAre;
using testing::Le;

SequenceDiagram a_move() {
  return {"a, b",
          {{"agency", "a"}, {"ME 2", "a"}, {"agency", "b"}, {"ME 3", "b"}},
          {{Row::Kind::call, 0, 1, "cb_pre_suspend", "0.1 ms"},
           {Row::Kind::answer, 1, 0, "0", "0.2 ms"},
           {Row::Kind::state, 1, 1, "suspended", "0.3 ms"},
           {Row::Kind::transfer, 0, 2, "move", "0.4 ms"},
           {Row::Kind::call, 2, 3, "cb_cooperate", "11.5 ms"},
           {Row::Kind::transfer, 2, 0, "arrived", "12.6 ms"},
           {Row::Kind::heading, 0, 0, "and then", {}}}};
}

TEST(TextDiagram, LooksLikeThis) {
  EXPECT_THAT(
      to_text(a_move()),
      ElementsAre("          a                         b", "          agency  ME 2              agency  ME 3",
                  " 0.1 ms   |       | cb_pre_suspend  |       |", " 0.3 ms   |       | [suspended]     |       |",
                  " 0.4 ms   |--------- move --------->|       |",
                  "11.5 ms   |       |                 |       | cb_cooperate",
                  "12.6 ms   |<------- arrived --------|       |", "and then"));
}

// Between the same lanes to the same width, whatever guests are called.
TEST(TextDiagram, LongNamesAreCut) {
  auto diagram = a_move();
  const auto width = [](const std::string& line) { return text_width(line) / character_width; };
  for (const auto& name :
       {std::string(300, 'W'), std::string(300, '\xff'), std::string("\u6c34\u6c34") + std::string(99, '-')}) {
    for (auto& lifeline : diagram.lifelines) lifeline.name = lifeline.group = name;
    for (auto& row : diagram.rows)
      if (row.kind != Row::Kind::heading) row.text = name;
    std::vector<double> widths;
    for (const auto& line : to_text(diagram)) widths.push_back(width(line));
    EXPECT_THAT(widths, Each(Le(10 + 4 * (text_lane_max + 2))));
  }
}

TEST(TextDiagram, NothingAtAllIsTwoEmptyLines) { EXPECT_THAT(to_text({}), ElementsAre("", "")); }

}  // namespace
}  // namespace engine::diagram
