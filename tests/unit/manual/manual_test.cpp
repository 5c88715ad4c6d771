// The manual is what the tables say. Issue 3, item 1; M24, M61, M62.
#include "tools/manual/manual.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "so3/abi/sequence.hpp"
#include "tests/unit/diagram/picture.hpp"
#include "tools/manual/lifecycle.hpp"
#include "tools/manual/page.hpp"
#include "tools/manual/sequences.hpp"

namespace manual {
namespace {

using engine::diagram::StateDiagram;
using testing::IsEmpty;
using testing::Not;

std::string content(const std::string& path) {
  std::ifstream in(std::string(DOCS) + "/" + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Manual, TheRepositorysCopyIsWhatTheTablesSay) {
  const auto files = generate(content("lifecycle.md"));
  ASSERT_TRUE(files.has_value()) << files.error();
  for (const auto& [path, text] : *files)
    EXPECT_TRUE(content(path) == text)
        << "docs/" << path << " is not what the tables say now; renew it: cmake --build build/host-release --target "
        << "renew_manual";
  std::set<std::string> there, made;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(DOCS) + "/lifecycle"))
    there.insert("lifecycle/" + entry.path().filename().string());
  for (const auto& [path, text] : *files)
    if (path.starts_with("lifecycle/")) made.insert(path);
  EXPECT_EQ(there, made);
}

TEST(Manual, EveryPictureIsLegibleAndOnThePage) {
  const auto files = generate(content("lifecycle.md"));
  ASSERT_TRUE(files.has_value()) << files.error();
  for (const auto& [path, text] : *files) {
    if (!path.ends_with(".svg")) continue;
    EXPECT_THAT(Picture(text).flaws(), IsEmpty()) << path;
    EXPECT_NE(files->at("lifecycle.md").find("](" + path + ")"), std::string::npos) << path << " is on no page";
  }
}

// No words on an arrow or a box, no arrow through a box that it does not mean.
TEST(StatePicture, ArrowsPassByWhatIsNotTheirs) {
  const auto diagram = state_diagram();
  ASSERT_TRUE(diagram.has_value()) << diagram.error();
  const Picture picture(to_svg(*diagram));
  const auto states = picture.boxes_of("state");
  ASSERT_EQ(states.size(), abi::state_count + 1);  // dead twice
  for (const auto& text : picture.texts) {
    const bool within = std::ranges::any_of(states, [&](const auto& box) { return box.area.contains(text.area); });
    for (const auto& box : states) EXPECT_TRUE(within || !box.area.overlaps(text.area)) << text.text;
    for (const auto& arrow : picture.arrows)
      for (std::size_t i = 1; i < arrow.points.size(); i++) {
        const auto [x1, y1] = arrow.points[i - 1];
        const auto [x2, y2] = arrow.points[i];
        const Area line{std::min(x1, x2), std::min(y1, y2), std::max(x1, x2) + 0.1, std::max(y1, y2) + 0.1};
        EXPECT_FALSE(line.overlaps(text.area)) << text.text << " on an arrow";
        EXPECT_TRUE(x1 == x2 || y1 == y2);
        for (const auto& box : states) EXPECT_FALSE(line.overlaps(box.area));
      }
  }
  for (const auto& arrow : picture.arrows) {
    if (arrow.points.front().second > picture.page.bottom - 30) continue;  // the key
    EXPECT_TRUE(std::ranges::any_of(states, [&](const auto& box) {
      return box.area.touches(arrow.points.back().first, arrow.points.back().second, 2.5);
    }));
  }
}

// Each line of the table is one arrow, or one of three that are drawn as one.
TEST(StatePicture, HasTheTransitionsOfTheTable) {
  const auto diagram = state_diagram();
  ASSERT_TRUE(diagram.has_value()) << diagram.error();
  const auto name = [&](std::uint32_t box) { return diagram->boxes[box].name; };
  std::multiset<std::pair<std::string, std::string>> drawn, wanted;
  for (const auto& t : diagram->transitions) {
    if (diagram->boxes[t.from].group)
      for (const auto* from : {"preparing", "migrating", "living"}) drawn.emplace(from, name(t.to));
    else drawn.emplace(name(t.from), name(t.to));
    EXPECT_THAT(t.label.lines, Not(IsEmpty()));
  }
  for (const auto& t : abi::lifecycle) wanted.emplace(short_name(abi::name(t.from)), short_name(abi::name(t.to)));
  EXPECT_EQ(drawn, wanted);
}

TEST(Tables, HaveEveryTransitionOnce) {
  const auto table = transition_table();
  EXPECT_EQ(std::ranges::count(table, '\n'), 2 + static_cast<int>(std::size(abi::lifecycle)) + 1);
  for (const auto& t : abi::lifecycle) {
    const auto row = "| " + std::string(short_name(abi::name(t.from))) + " | " +
                     std::string(short_name(abi::name(t.to))) + " | " + std::string(abi::name(t.actor)) + " | " +
                     std::string(abi::name(t.context)) + " | " + std::string(t.when) + " |\n";
    const auto at = table.find(row);
    EXPECT_NE(at, table.npos) << row;
    EXPECT_EQ(table.find(row, at + 1), table.npos) << row;
  }
}

TEST(SequencePictures, HaveTheStepsInTheirOrder) {  // M61, M62
  for (const auto& sequence : abi::sequence::all) {
    const auto diagram = sequence_diagram(sequence);
    std::vector<std::string> calls, steps;
    for (const auto& row : diagram.rows)
      if (row.kind == engine::diagram::SequenceDiagram::Row::Kind::call) calls.push_back(row.text);
    for (const auto s : sequence.steps) steps.emplace_back(abi::name(s));
    EXPECT_EQ(calls, steps) << sequence.name;
    EXPECT_EQ(diagram.rows.front().text, short_name(abi::name(sequence.begins))) << sequence.name;
  }
}

TEST(Page, OnlyItsPartsAreReplaced) {
  EXPECT_EQ(with_part("a\n<!-- t: x -->\nold\n<!-- end of t -->\nz\n", "t", "new\n"),
            "a\n<!-- t: x -->\n\nnew\n\n<!-- end of t -->\nz\n");
  EXPECT_FALSE(with_part("a\n<!-- end of t -->\n<!-- t: x -->\n", "t", "new").has_value());
  EXPECT_FALSE(with_part("a", "t", "new").has_value());
  EXPECT_FALSE(with_part("<!-- t: x -->", "t", "new").has_value());
}

}  // namespace
}  // namespace manual
