// Issue 3, items 1 and 10.
#include "engine/diagram/sequence_diagram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/diagram/picture.hpp"

namespace engine::diagram {
namespace {

using Row = SequenceDiagram::Row;
using testing::IsEmpty;

constexpr Row::Kind kinds[] = {Row::Kind::call, Row::Kind::answer, Row::Kind::transfer, Row::Kind::note,
                               Row::Kind::state};

SequenceDiagram with_everything() {
  SequenceDiagram d{"a & b", {{"agency", "a"}, {"ME", "a"}, {"agency", "b"}}, {}};
  for (std::uint32_t from = 0; from < 3; from++)
    for (std::uint32_t to = 0; to < 3; to++)
      for (const auto kind : kinds) {
        if (from == to && kind != Row::Kind::note && kind != Row::Kind::state) continue;
        d.rows.push_back(
            {kind, from, to, "word", "12.345 ms", "a remark that takes more than the one line it would like"});
        d.rows.push_back({kind, from, to, "", "12.345 ms"});
      }
  return d;
}

TEST(SequenceDiagram, NothingIsOnAnythingElse) {
  const Picture picture(to_svg(with_everything()));
  EXPECT_THAT(picture.flaws(), IsEmpty());
  EXPECT_EQ(picture.lifelines.size(), 3U);
  EXPECT_EQ(picture.boxes_of("group").size(), 2U);
}

TEST(SequenceDiagram, HeadingsStandAboveWhatTheyAreOf) {
  SequenceDiagram d{"t", {{"x", "g"}, {"y", "g"}}, {}};
  d.rows.push_back({Row::Kind::state, 0, 0, "living", {}});
  d.rows.push_back({Row::Kind::heading, 0, 0, "a heading that is wider than both of the lanes of the picture", {}});
  d.rows.push_back({Row::Kind::call, 0, 1, "call", {}});
  const Picture picture(to_svg(d));
  EXPECT_THAT(picture.flaws(), IsEmpty());
}

TEST(SequenceDiagram, ArrowsLeadFromLifelineToLifeline) {
  const auto diagram = with_everything();
  const Picture picture(to_svg(diagram));
  std::size_t arrow = 0;
  for (const auto& row : diagram.rows) {
    if (row.kind == Row::Kind::note || row.kind == Row::Kind::state) continue;
    ASSERT_LT(arrow, picture.arrows.size());
    const auto& points = picture.arrows[arrow++].points;
    ASSERT_EQ(points.size(), 2U);
    EXPECT_EQ(points[0].first, picture.lifelines[row.from]);
    EXPECT_EQ(points[1].first, picture.lifelines[row.to]);
  }
  EXPECT_EQ(arrow, picture.arrows.size());
}

// Order is to scale: each row is below the one before.
TEST(SequenceDiagram, RowsGoDown) {
  auto diagram = with_everything();
  for (std::size_t i = 0; i < diagram.rows.size(); i++) diagram.rows[i].text = "row" + std::to_string(i);
  const Picture picture(to_svg(diagram));
  double last = 0;
  for (std::size_t i = 0; i < diagram.rows.size(); i++) {
    const auto text = std::ranges::find(picture.texts, "row" + std::to_string(i), &Picture::Text::text);
    ASSERT_NE(text, picture.texts.end());
    EXPECT_GT(text->area.top, last);
    last = text->area.top;
  }
}

// Names and words of guests are as long as guests like.
TEST(SequenceDiagram, LongTextIsCutAndStaysWithItsLane) {
  const std::string longest(300, 'W');
  SequenceDiagram d{"t", {{longest, longest}, {longest, "b"}, {"ME", "b"}}, {}};
  for (const auto kind : kinds) d.rows.push_back({kind, 0, 1, longest, "1 ms"});
  const Picture picture(to_svg(d));
  EXPECT_THAT(picture.flaws(), IsEmpty());
  EXPECT_LT(picture.page.right, 1100);
}

TEST(SequenceDiagram, IsBoundedAndSaysWhatIsLeftOut) {
  SequenceDiagram d{"many", {{"x", "g"}, {"y", "g"}}, {}};
  for (int i = 0; i < 1000; i++) d.rows.push_back({Row::Kind::call, 0, 1, "c" + std::to_string(i), {}});
  const auto svg = to_svg(d);
  EXPECT_THAT(Picture(svg).flaws(), IsEmpty());
  EXPECT_NE(svg.find(">c0<"), svg.npos);
  EXPECT_NE(svg.find(">c999<"), svg.npos);
  EXPECT_EQ(svg.find(">c500<"), svg.npos);
  EXPECT_NE(svg.find("761 more are left out here"), svg.npos);
  EXPECT_LT(svg.size(), 80'000U);
}

TEST(SequenceDiagram, NothingAtAllIsAPictureToo) {
  const Picture empty(to_svg({"nothing", {}, {}}));
  EXPECT_THAT(empty.flaws(), IsEmpty());
}

}  // namespace
}  // namespace engine::diagram
