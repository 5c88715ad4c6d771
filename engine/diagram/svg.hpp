// Drawing in SVG: one file that needs nothing else, readable on a light and on a dark page.
#pragma once
#include <string>
#include <string_view>

namespace engine::diagram {

struct Point {
  double x = 0, y = 0;
};

// What may stand in the text of an XML document: names come from guests.
[[nodiscard]] std::string escaped(std::string_view text);

// How wide text is, about.
inline constexpr double character_width = 6.7, line_height = 26;

class Svg {
 public:
  // `about`: for who hears the picture in place of seeing it.
  Svg(double width, double height, std::string_view about);

  // `kind` is a class of the style sheet in svg.cpp.
  void line(Point from, Point to, std::string_view kind);
  // From border to border of a rounded box that a text stands in.
  void box(Point middle, double width, double height, std::string_view text, std::string_view kind);
  enum class Anchor { start, middle, end };
  void text(Point at, std::string_view text, std::string_view kind, Anchor anchor = Anchor::middle);
  // A curve; `bow`: how far its middle is to the right of the straight line.
  void curve(Point from, Point to, double bow, std::string_view kind);

  [[nodiscard]] std::string finish() &&;

 private:
  std::string out_;
};

}  // namespace engine::diagram
