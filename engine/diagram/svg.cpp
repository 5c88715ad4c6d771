#include "engine/diagram/svg.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace engine::diagram {
namespace {

// Colours are variables, so that the dark page changes those only.
constexpr std::string_view style = R"(<style>
svg { --ink: #1f2328; --dim: #656d76; --rule: #d0d7de; --paper: #ffffff; --fill: #f6f8fa; --me: #0969da; --agency: #8250df;
  --avz: #9a6700; background: var(--paper); font: 12px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --dim: #8d96a0; --rule: #3d444d; --paper: #0d1117;
  --fill: #161b22; --me: #58a6ff; --agency: #bc8cff; --avz: #d29922; } }
text { fill: var(--ink); } text.dim { fill: var(--dim); } text.title { font-size: 16px; font-weight: 600; }
text.me { fill: var(--me); } text.agency { fill: var(--agency); } text.avz { fill: var(--avz); }
line, path { stroke: var(--ink); fill: none; stroke-width: 1.3; } line.life { stroke: var(--rule); }
line.dashed { stroke-dasharray: 5 4; stroke: var(--dim); } .me { stroke: var(--me); } .agency { stroke: var(--agency); }
.avz { stroke: var(--avz); } text.me, text.agency, text.avz { stroke: none; }
line.transfer { stroke: var(--avz); stroke-width: 2; } rect { fill: var(--fill); stroke: var(--rule); }
rect.state { stroke: var(--me); } rect.note { stroke-dasharray: 3 3; } .head { fill: context-stroke; stroke: none; }
</style>
<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
<path class="head" d="M0 0L10 5L0 10z"/></marker></defs>
)";

// How long the UTF-8 sequence at the beginning is; 0: there is none.
std::size_t sequence_length(std::string_view s) {
  const auto first = static_cast<unsigned char>(s[0]);
  const std::size_t n = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  if (n == 0 || n > s.size() || first == 0xc0 || first == 0xc1 || first > 0xf4) return 0;
  for (std::size_t i = 1; i < n; i++)
    if ((static_cast<unsigned char>(s[i]) & 0xc0) != 0x80) return 0;
  const auto second = n > 1 ? static_cast<unsigned char>(s[1]) : 0;
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool no_character = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
  return overlong || no_character ? 0 : n;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto n = sequence_length(text);
    const char c = text[0];
    if (n == 0) out += "\uFFFD";
    else if (n == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)) out += "\uFFFD";
    else if (n == 3 && (text.starts_with("\xef\xbf\xbe") || text.starts_with("\xef\xbf\xbf"))) out += "\uFFFD";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else out += text.substr(0, n);
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return out;
}

Svg::Svg(double width, double height, std::string_view about)
    : out_{fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
                       "height=\"{1:.0f}\" role=\"img\" aria-label=\"{2}\">\n{3}",
                       width, height, escaped(about), style)} {}

void Svg::line(Point from, Point to, std::string_view kind) {
  const bool arrow = kind != "life";
  fmt::format_to(std::back_inserter(out_),
                 "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"{}/>\n", kind, from.x,
                 from.y, to.x, to.y, arrow ? " marker-end=\"url(#head)\"" : "");
}

void Svg::box(Point middle, double width, double height, std::string_view text, std::string_view kind) {
  fmt::format_to(std::back_inserter(out_),
                 "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"6\"/>\n", kind,
                 middle.x - width / 2, middle.y - height / 2, width, height);
  this->text({middle.x, middle.y + 4}, text, kind);
}

void Svg::text(Point at, std::string_view text, std::string_view kind, Anchor anchor) {
  constexpr std::string_view anchors[] = {"start", "middle", "end"};
  fmt::format_to(std::back_inserter(out_),
                 "<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", kind, at.x, at.y,
                 anchors[static_cast<int>(anchor)], escaped(text));
}

void Svg::curve(Point from, Point to, double bow, std::string_view kind) {
  const double dx = to.x - from.x, dy = to.y - from.y, length = std::hypot(dx, dy);
  const Point middle{(from.x + to.x) / 2 - dy / length * bow * 2, (from.y + to.y) / 2 + dx / length * bow * 2};
  fmt::format_to(std::back_inserter(out_),
                 "<path class=\"{}\" d=\"M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}\" marker-end=\"url(#head)\"/>\n",
                 kind, from.x, from.y, middle.x, middle.y, to.x, to.y);
}

std::string Svg::finish() && { return std::move(out_) + "</svg>\n"; }

}  // namespace engine::diagram
