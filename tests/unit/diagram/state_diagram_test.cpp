// Issue 3, item 1.
#include "engine/diagram/state_diagram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/diagram/picture.hpp"

namespace engine::diagram {
namespace {

using testing::IsEmpty;
using testing::Not;

StateDiagram two_states() {
  return {"Two <states>",
          400,
          300,
          {{"a<b", {80, 150}, 100, 34}, {"b&c", {320, 150}, 100, 34}},
          {{0, 1, "me", {{"there"}, {200, 120}}, {}, 10}, {1, 0, "avz", {{"and", "back"}, {200, 180}}, {}, 10}},
          {{"me", "the ME"}, {"avz", "avz"}},
          "a remark"};
}

TEST(StateDiagram, HasAllThatIsInIt) {
  const Picture picture(to_svg(two_states()));
  EXPECT_THAT(picture.flaws(), IsEmpty());
  for (const auto* text : {"Two <states>", "a<b", "b&c", "there", "and", "back", "the ME", "a remark"})
    EXPECT_EQ(std::ranges::count(picture.texts, text, &Picture::Text::text), 1) << text;
}

// An arrow leads from the border of one box to that of the other, and the two between the same boxes are apart.
TEST(StateDiagram, ArrowsConnectBoxes) {
  const auto diagram = two_states();
  const auto there = route(diagram, diagram.transitions[0]), back = route(diagram, diagram.transitions[1]);
  EXPECT_EQ(there.front().x, 132);
  EXPECT_EQ(there.back().x, 268);
  EXPECT_EQ(there.front().y, there.back().y);
  EXPECT_EQ(back.front().x, 268);
  EXPECT_EQ(back.front().y, back.back().y);
  EXPECT_EQ(there.front().y - back.front().y, 20);
}

TEST(StateDiagram, ArrowsBendWhereTheyAreTold) {
  auto diagram = two_states();
  diagram.transitions[0].via = {{80, 250}, {320, 250}};
  const auto route = engine::diagram::route(diagram, diagram.transitions[0]);
  ASSERT_EQ(route.size(), 4U);
  EXPECT_EQ(route[0].x, 80);
  EXPECT_EQ(route[0].y, 169);
  EXPECT_EQ(route[3].x, 320);
  EXPECT_EQ(route[3].y, 169);
}

// The check that the other tests rely on can fail.
TEST(StateDiagram, TextOnTextIsFound) {
  auto diagram = two_states();
  diagram.transitions[0].label.at = diagram.transitions[1].label.at;
  EXPECT_THAT(Picture(to_svg(diagram)).flaws(), Not(IsEmpty()));
  diagram = two_states();
  diagram.transitions[0].label.at = {-10, 150};
  EXPECT_THAT(Picture(to_svg(diagram)).flaws(), Not(IsEmpty()));
}

}  // namespace
}  // namespace engine::diagram
