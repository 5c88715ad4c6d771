#include "tools/manual/lifecycle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/diagram/wrap.hpp"
#include "so3/abi/lifecycle.hpp"

namespace manual {
namespace {

using abi::Actor;
using abi::State;
using engine::diagram::Point;
using engine::diagram::StateDiagram;
using Anchor = engine::diagram::Svg::Anchor;

constexpr double box_width = 110, box_height = 34, width = 1010, height = 825;
// By number of the state; `dead` is where a life begins, and drawn once more where it ends.
constexpr std::array<Point, abi::state_count> places = {
    {{110, 215}, {390, 215}, {520, 420}, {110, 420}, {650, 215}, {930, 420}, {930, 600}, {400, 600}, {520, 70}}};
constexpr std::uint32_t end_box = abi::state_count, group_box = end_box + 1;
constexpr Point end_place{660, 720};

// An ME that is in one of these may go where the table says so for all of them: one arrow in place of three.
constexpr std::array together{State::preparing, State::migrating, State::living};

// How an arrow of the table goes, and where its words stand.
struct Way {
  std::uint32_t from;
  State to;
  StateDiagram::Label label;
  double label_width;
  std::vector<Point> via = {};
  double shift = 0;
};

constexpr std::uint32_t box(State s) { return static_cast<std::uint32_t>(s); }

const std::vector<Way>& ways() {
  using enum State;
  using enum Anchor;
  static const std::vector<Way> all = {
      {box(dead), booting, {{}, {290, 58}, middle}, 160, {{110, 70}}},
      {box(booting), preparing, {{}, {229, 170}, middle}, 150},
      {box(preparing), living, {{}, {399, 256}, start}, 140, {{390, 345}, {495, 345}}},
      {box(dead), migrating, {{}, {660, 110}, start}, 160, {{650, 70}}},
      {box(migrating), living, {{}, {641, 256}, end}, 80, {{650, 345}, {545, 345}}},
      {box(living), suspended, {{}, {232, 450}, middle}, 130, {}, -10},
      {box(suspended), living, {{}, {232, 347}, middle}, 130, {}, -10},
      {box(migrating), dormant, {{}, {842, 238}, middle}, 150, {{930, 215}}},
      {group_box, dormant, {{}, {807, 347}, middle}, 130, {{807, 410}}},
      {box(dormant), living, {{}, {807, 450}, middle}, 130, {{807, 430}}},
      {group_box, killed, {{}, {776, 618}, middle}, 180, {{680, 600}}},
      {box(dormant), killed, {{}, {920, 532}, end}, 130},
      {group_box, terminated, {{}, {410, 496}, start}, 260},
      {box(killed), dead, {{}, {822, 690}, middle}, 130, {{930, 720}}},
      {box(terminated), dead, {{}, {505, 690}, middle}, 130, {{400, 720}}},
  };
  return all;
}

std::string kind(Actor actor) {
  switch (actor) {
    case Actor::avz: return "avz";
    case Actor::agency: return "agency";
    case Actor::me: return "me";
  }
  return "me";
}

std::string text_of(const abi::Transition& t) {
  return std::string(t.when) + (t.context == abi::Context::any ? "" : fmt::format(" ({})", abi::name(t.context)));
}

bool same_but_from(const abi::Transition& a, const abi::Transition& b) {
  return a.to == b.to && a.actor == b.actor && a.context == b.context && a.when == b.when;
}

bool in_group(const abi::Transition& t) {
  return std::ranges::all_of(together,
                             [&](State s) {
                               return std::ranges::any_of(abi::lifecycle, [&](const auto& other) {
                                 return other.from == s && same_but_from(other, t);
                               });
                             }) &&
         std::ranges::find(together, t.from) != together.end();
}

std::vector<StateDiagram::Box> boxes() {
  std::vector<StateDiagram::Box> all;
  for (std::uint32_t i = 0; i < abi::state_count; i++)
    all.push_back({std::string(short_name(abi::name(static_cast<State>(i)))), places[i], box_width, box_height});
  all.push_back({all[box(State::dead)].name, end_place, box_width, box_height});
  all.push_back({"any of these", {526, 310}, 428, 320, true});
  return all;
}

}  // namespace

std::string_view short_name(std::string_view state) {
  constexpr std::string_view prefix = "ME_state_";
  return state.starts_with(prefix) ? state.substr(prefix.size()) : state;
}

std::expected<StateDiagram, std::string> state_diagram() {
  StateDiagram d{"The states of an ME",
                 width,
                 height,
                 boxes(),
                 {},
                 {{kind(Actor::avz), "avz"}, {kind(Actor::agency), "the agency"}, {kind(Actor::me), "the ME itself"}},
                 fmt::format("Besides, from any state to dead: {}.", abi::always_to_dead)};
  for (const auto& t : abi::lifecycle) {
    const bool grouped = in_group(t);
    if (grouped && t.from != together.front()) continue;
    const auto from = grouped ? group_box : box(t.from);
    const auto way = std::ranges::find_if(ways(), [&](const Way& w) { return w.from == from && w.to == t.to; });
    if (way == ways().end())
      return std::unexpected(
          fmt::format("tools/manual/lifecycle.cpp has no way from {} to {}", abi::name(t.from), abi::name(t.to)));
    auto label = way->label;
    label.lines = engine::diagram::wrapped(text_of(t), way->label_width);
    const auto to = t.to == State::dead ? end_box : box(t.to);
    d.transitions.push_back({from, to, kind(t.actor), std::move(label), way->via, way->shift});
  }
  return d;
}

std::string transition_table() {
  std::string table = "| from | to | who | where | when |\n|---|---|---|---|---|\n";
  const auto row = [&](std::string_view from, std::string_view to, std::string_view who, std::string_view where,
                       std::string_view when) {
    table += fmt::format("| {} | {} | {} | {} | {} |\n", short_name(from), short_name(to), who, where, when);
  };
  for (const auto& t : abi::lifecycle)
    row(abi::name(t.from), abi::name(t.to), abi::name(t.actor), abi::name(t.context), t.when);
  row("any", abi::name(State::dead), "agency, avz", "", abi::always_to_dead);
  return table;
}

}  // namespace manual
