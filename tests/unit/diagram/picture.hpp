// An SVG picture as it would be seen: what stands where.
#pragma once
#include <string>
#include <vector>

struct Area {
  double left, top, right, bottom;
  bool overlaps(const Area& o) const { return left < o.right && o.left < right && top < o.bottom && o.top < bottom; }
  bool contains(const Area& o) const {
    return left <= o.left && o.right <= right && top <= o.top && o.bottom <= bottom;
  }
  bool touches(double x, double y, double within) const {
    return left - within <= x && x <= right + within && top - within <= y && y <= bottom + within;
  }
};

struct Picture {
  struct Text {
    std::string text, kind;
    Area area;
  };
  struct Box {
    std::string kind;
    Area area;
  };
  struct Arrow {
    std::string kind;
    std::vector<std::pair<double, double>> points;
  };
  Area page;
  std::vector<Text> texts;
  std::vector<Box> boxes;
  std::vector<Arrow> arrows;
  std::vector<double> lifelines;  // x of each

  // Fails the test when it is no SVG.
  explicit Picture(const std::string& svg);

  // What is wrong with it: text on text, or off the page.
  std::vector<std::string> flaws() const;
  std::vector<Box> boxes_of(std::string_view kind) const;
};
