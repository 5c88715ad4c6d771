// Drawing in SVG: one file that needs nothing else, readable on a light and on a dark page, in any font of its kind.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace engine::diagram {

struct Point {
  double x = 0, y = 0;
};

// What may stand in the text of an XML document: names come from guests.
[[nodiscard]] std::string escaped(std::string_view text);

// Text is set in a monospaced font, so that widths are known wherever the picture is shown.
inline constexpr double character_width = 7.3, line_height = 15;
// How many columns of a terminal, too.
[[nodiscard]] std::size_t columns(std::string_view text);
[[nodiscard]] inline double text_width(std::string_view text) {
  return static_cast<double>(columns(text)) * character_width;
}
// Shortened to so many columns, or to that width, with an ellipsis.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns);
[[nodiscard]] std::string fitted(std::string_view text, double width);

class Svg {
 public:
  // `about`: for who hears the picture in place of seeing it.
  Svg(double width, double height, std::string_view about);

  // `kind` is a class of the style sheet in svg.cpp.
  void line(Point from, Point to, std::string_view kind);
  // Along the points, with a head at the last one. `kind`: call, answer, transfer, me, agency, avz.
  void arrow(std::span<const Point> points, std::string_view kind);
  void box(Point middle, double width, double height, std::string_view text, std::string_view kind);
  enum class Anchor { start, middle, end };
  void text(Point at, std::string_view text, std::string_view kind, Anchor anchor = Anchor::middle);

  [[nodiscard]] std::string finish() &&;

 private:
  std::string out_;
};

}  // namespace engine::diagram
