#include "tests/unit/diagram/picture.hpp"

#include <gtest/gtest.h>
#include <tinyxml2.h>

#include <sstream>

#include "engine/diagram/svg.hpp"

namespace {

std::string attribute(const tinyxml2::XMLElement& e, const char* name) {
  const char* value = e.Attribute(name);
  return value == nullptr ? "" : value;
}

// As wide as in the widest of monospaced fonts.
Picture::Text text_of(const tinyxml2::XMLElement& e) {
  const std::string text = e.GetText() == nullptr ? "" : e.GetText(), anchor = attribute(e, "text-anchor");
  const auto kind = attribute(e, "class");
  const double width = engine::diagram::text_width(text) * (kind == "title" ? 1.4 : 1);
  const double x = e.DoubleAttribute("x"), y = e.DoubleAttribute("y");
  const double left = anchor == "start" ? x : anchor == "end" ? x - width : x - width / 2;
  return {text, kind, {left, y - (kind == "title" ? 13 : 10), left + width, y + 3}};
}

Picture::Arrow arrow_of(const tinyxml2::XMLElement& e) {
  Picture::Arrow arrow{attribute(e, "class"), {}};
  auto path = attribute(e, "d");
  for (auto& c : path)
    if (c == 'M' || c == 'L') c = ' ';
  std::istringstream in(path);
  for (double x, y; in >> x >> y;) arrow.points.emplace_back(x, y);
  return arrow;
}

}  // namespace

Picture::Picture(const std::string& svg) {
  tinyxml2::XMLDocument document;
  EXPECT_EQ(document.Parse(svg.data(), svg.size()), tinyxml2::XML_SUCCESS) << document.ErrorStr();
  const auto* root = document.RootElement();
  if (root == nullptr) return;
  page = {0, 0, root->DoubleAttribute("width"), root->DoubleAttribute("height")};
  for (const auto* e = root->FirstChildElement(); e != nullptr; e = e->NextSiblingElement()) {
    const std::string name = e->Name();
    if (name == "text") texts.push_back(text_of(*e));
    if (name == "path") arrows.push_back(arrow_of(*e));
    if (name == "line") lifelines.push_back(e->DoubleAttribute("x1"));
    if (name != "rect") continue;
    const double x = e->DoubleAttribute("x"), y = e->DoubleAttribute("y");
    boxes.push_back(
        {attribute(*e, "class"), {x, y, x + e->DoubleAttribute("width"), y + e->DoubleAttribute("height")}});
  }
}

std::vector<std::string> Picture::flaws() const {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < texts.size(); i++) {
    if (!page.contains(texts[i].area)) all.push_back("off the page: " + texts[i].text);
    for (std::size_t k = i + 1; k < texts.size(); k++)
      if (texts[i].area.overlaps(texts[k].area)) all.push_back(texts[i].text + " on " + texts[k].text);
  }
  for (const auto& box : boxes)
    if (!page.contains(box.area)) all.push_back("off the page: a box, " + box.kind);
  for (const auto& arrow : arrows)
    for (const auto& [x, y] : arrow.points)
      if (!page.touches(x, y, 0)) all.push_back("off the page: an arrow, " + arrow.kind);
  return all;
}

std::vector<Picture::Box> Picture::boxes_of(std::string_view kind) const {
  std::vector<Box> some;
  for (const auto& box : boxes)
    if (box.kind == kind) some.push_back(box);
  return some;
}
