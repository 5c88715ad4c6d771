#include "engine/diagram/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "so3/image/text.hpp"

namespace engine::diagram {
namespace {

// Every colour is said twice, for a light and for a dark page. Nothing newer than SVG 1.1 and CSS 2 besides that, for
// programs that are no browsers: no variables, and a marker of its own for each kind of arrow.
constexpr std::string_view style = R"(<style>
text { font-family: ui-monospace, monospace; font-size: 12px; fill: #1f2328; }
text.title { font-family: sans-serif; font-size: 16px; font-weight: 600; }
text.label { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; }
text.dim { fill: #59636e; } text.me, text.state { fill: #0550ae; } text.agency { fill: #6639ba; } text.avz { fill: #7d4e00; }
line, path { fill: none; stroke: #1f2328; stroke-width: 1.4; } line.life { stroke: #afb8c1; }
path.answer { stroke: #59636e; stroke-dasharray: 5 4; } path.transfer { stroke: #bc4c00; stroke-width: 2.2; }
path.me { stroke: #0969da; } path.agency { stroke: #8250df; } path.avz { stroke: #9a6700; }
.head { fill: #1f2328; } .head.answer { fill: #59636e; } .head.transfer { fill: #bc4c00; }
.head.me { fill: #0969da; } .head.agency { fill: #8250df; } .head.avz { fill: #9a6700; }
rect { fill: #f6f8fa; stroke: #afb8c1; } rect.paper { fill: #ffffff; stroke: none; }
rect.group { fill: #f6f8fa; stroke: #d1d9e0; } rect.head-box { fill: #ffffff; stroke: #59636e; }
rect.state { fill: #ddf4ff; stroke: #54aeff; } rect.note { fill: #fff8c5; stroke: #d4a72c; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } text.label { stroke: #0d1117; } text.dim { fill: #9198a1; }
text.me, text.state { fill: #79c0ff; } text.agency { fill: #d2a8ff; } text.avz { fill: #e3b341; }
line, path { stroke: #e6edf3; } line.life { stroke: #484f58; }
path.answer { stroke: #9198a1; } path.transfer { stroke: #f0883e; }
path.me { stroke: #4493f8; } path.agency { stroke: #ab7df8; } path.avz { stroke: #d29922; }
.head { fill: #e6edf3; } .head.answer { fill: #9198a1; } .head.transfer { fill: #f0883e; }
.head.me { fill: #4493f8; } .head.agency { fill: #ab7df8; } .head.avz { fill: #d29922; }
rect { fill: #151b23; stroke: #484f58; } rect.paper { fill: #0d1117; }
rect.group { fill: #151b23; stroke: #30363d; } rect.head-box { fill: #0d1117; stroke: #9198a1; }
rect.state { fill: #0c2d6b; stroke: #388bfd; } rect.note { fill: #3b2300; stroke: #9e6a03; } }
</style>
)";
constexpr std::string_view arrow_kinds[] = {"call", "answer", "transfer", "me", "agency", "avz"};

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto n = image::utf8_length(text);
    const char c = text[0];
    const bool control = n == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f);
    const bool no_character = n == 3 && (text.starts_with("\xef\xbf\xbe") || text.starts_with("\xef\xbf\xbf"));
    if (n == 0 || control || no_character) out += "\uFFFD";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else out += text.substr(0, n);
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return out;
}

std::size_t columns(std::string_view text) {
  std::size_t all = 0;
  while (!text.empty()) {
    const auto n = std::max<std::size_t>(image::utf8_length(text), 1);
    all += n < 3 || text[0] == '\xe2' ? 1 : 2;  // from U+3000 on: East Asian, symbols
    text.remove_prefix(n);
  }
  return all;
}

std::string cut(std::string_view text, std::size_t columns_max) {
  if (columns(text) <= columns_max) return std::string(text);
  std::size_t keep = 0;
  for (std::size_t used = 1; keep < text.size();) {  // 1: the ellipsis
    const auto n = std::max<std::size_t>(image::utf8_length(text.substr(keep)), 1);
    used += columns(text.substr(keep, n));
    if (used > columns_max) break;
    keep += n;
  }
  return std::string(text.substr(0, keep)) + "\u2026";
}

std::string fitted(std::string_view text, double width) {
  return cut(text, width < character_width ? 0 : static_cast<std::size_t>(width / character_width + 1e-6));
}

Svg::Svg(double width, double height, std::string_view about)
    : out_{fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
                       "height=\"{1:.0f}\" role=\"img\" aria-label=\"{2}\">\n{3}<defs>\n",
                       width, height, escaped(about), style)} {
  for (const auto kind : arrow_kinds)
    fmt::format_to(std::back_inserter(out_),
                   "<marker id=\"{0}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerUnits=\"userSpaceOnUse\" "
                   "markerWidth=\"10\" markerHeight=\"10\" orient=\"auto\">"
                   "<polygon class=\"head {0}\" points=\"0,1 10,5 0,9\"/></marker>\n",
                   kind);
  fmt::format_to(std::back_inserter(out_),
                 "</defs>\n<rect class=\"paper\" width=\"{:.0f}\" height=\"{:.0f}\" rx=\"8\"/>\n", width, height);
}

void Svg::line(Point from, Point to, std::string_view kind) {
  fmt::format_to(std::back_inserter(out_),
                 "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kind, from.x, from.y,
                 to.x, to.y);
}

void Svg::arrow(std::span<const Point> points, std::string_view kind) {
  fmt::format_to(std::back_inserter(out_), "<path class=\"{}\" d=\"", kind);
  for (std::size_t i = 0; i < points.size(); i++)
    fmt::format_to(std::back_inserter(out_), "{}{:.1f} {:.1f}", i == 0 ? 'M' : 'L', points[i].x, points[i].y);
  fmt::format_to(std::back_inserter(out_), "\" marker-end=\"url(#{})\"/>\n", kind);
}

void Svg::box(Point middle, double width, double height, std::string_view text, std::string_view kind) {
  fmt::format_to(std::back_inserter(out_),
                 "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"6\"/>\n", kind,
                 middle.x - width / 2, middle.y - height / 2, width, height);
  if (!text.empty()) this->text({middle.x, middle.y + 4}, text, kind);
}

void Svg::text(Point at, std::string_view text, std::string_view kind, Anchor anchor) {
  constexpr std::string_view anchors[] = {"start", "middle", "end"};
  fmt::format_to(std::back_inserter(out_),
                 "<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", kind, at.x, at.y,
                 anchors[static_cast<int>(anchor)], escaped(text));
}

std::string Svg::finish() && { return std::move(out_) + "</svg>\n"; }

}  // namespace engine::diagram
