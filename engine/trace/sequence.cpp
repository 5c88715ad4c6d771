#include "engine/trace/sequence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace engine::trace {
namespace {

using diagram::SequenceDiagram;
using Row = SequenceDiagram::Row;
using Step = Timeline::Step;

// The agency of each smart object, and beside it those of its MEs that appear. MEs that follow one another in a slot
// under one name share a line.
struct Lifelines {
  std::map<std::uint32_t, std::uint32_t> agencies, mes;  // by process, by track
};

Lifelines find_lifelines(const Timeline& timeline, std::vector<SequenceDiagram::Lifeline>& all) {
  Lifelines found;
  for (std::uint32_t process = 0; process < timeline.processes.size(); process++) {
    const auto& group = timeline.processes[process].name;
    found.agencies[process] = static_cast<std::uint32_t>(all.size());
    all.push_back({"agency", group});
    std::map<std::string, std::uint32_t> named;
    for (const auto& step : timeline.steps) {
      if (step.process != process || step.me == Timeline::none) continue;
      const auto& name = timeline.tracks[step.me].name;
      const auto [line, is_new] = named.try_emplace(name, static_cast<std::uint32_t>(all.size()));
      if (is_new) all.push_back({name, group});
      found.mes.try_emplace(step.me, line->second);
    }
  }
  return found;
}

std::string short_state(const std::string& name) {
  constexpr std::string_view prefix = "ME_state_";
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

Row row_of(const Step& step, const Lifelines& lines, Timeline::Time begin) {
  const auto agency = lines.agencies.at(step.process);
  const auto me = step.me == Timeline::none ? agency : lines.mes.at(step.me);
  const auto when = fmt::format("{:.3f} ms", static_cast<double>(step.time - begin) / 1e6);
  switch (step.kind) {
    case Step::Kind::callback: return {Row::Kind::call, agency, me, step.name, when};
    case Step::Kind::callback_end: return {Row::Kind::answer, me, agency, fmt::format("{}", step.result), when};
    case Step::Kind::state: return {Row::Kind::state, me, me, short_state(step.name), when};
    case Step::Kind::sent:
    case Step::Kind::arrived: break;
  }
  return {Row::Kind::transfer, agency, lines.agencies.at(step.other), step.name, when};
}

}  // namespace

SequenceDiagram sequence_of(const Timeline& whole, std::span<const Heading> headings, Part part) {
  auto timeline = whole;
  std::erase_if(timeline.steps, [&](const Step& s) { return s.time < part.begin || s.time >= part.end; });
  SequenceDiagram diagram;
  for (const auto& p : timeline.processes) diagram.title += (diagram.title.empty() ? "" : ", ") + p.name;
  const auto lines = find_lifelines(timeline, diagram.lifelines);
  const auto begin = std::max(part.begin, Timeline::Time{0});
  auto heading = headings.begin();
  for (const auto& step : timeline.steps) {
    for (; heading != headings.end() && heading->since <= step.time; ++heading)
      if (heading->since >= part.begin) diagram.rows.push_back({Row::Kind::heading, 0, 0, heading->text, {}});
    diagram.rows.push_back(row_of(step, lines, begin));
  }
  return diagram;
}

}  // namespace engine::trace
