#include "tools/manual/sequences.hpp"

#include <fmt/format.h>

#include "tools/manual/lifecycle.hpp"

namespace manual {
namespace {

using abi::Means;
using abi::Step;
using engine::diagram::SequenceDiagram;
using Row = SequenceDiagram::Row;

enum Lifeline : std::uint32_t { avz, agency, me };

std::string_view name(Means means) {
  switch (means) {
    case Means::domcall: return "domcall";
    case Means::dc_event: return "dc_event";
    case Means::hypercall: return "hypercall";
  }
  return "?";
}

class Rows {
 public:
  explicit Rows(abi::State begins) { state(begins); }

  void step(Step s) {
    const auto& about = abi::about(s);
    const auto other = about.by == Means::hypercall ? avz : me;
    add({Row::Kind::call,
         agency,
         other,
         std::string(about.name),
         {},
         fmt::format("{} · {}", name(about.by), about.what)});
    if (about.by != Means::hypercall) add({Row::Kind::answer, me, agency, {}, {}});
    if (s == Step::suspend && state_ == abi::State::living) state(abi::State::suspended);
    if (s == Step::living) state(abi::State::living);
  }
  std::vector<Row> take() && { return std::move(rows_); }

 private:
  void add(Row row) { rows_.push_back(std::move(row)); }
  void state(abi::State to) {
    state_ = to;
    add({Row::Kind::state, me, me, std::string(short_name(abi::name(to))), {}});
  }

  abi::State state_{};
  std::vector<Row> rows_;
};

}  // namespace

SequenceDiagram sequence_diagram(const abi::Sequence& sequence) {
  SequenceDiagram d{
      fmt::format("{}: {}", sequence.name, sequence.when), {{"avz", "EL2"}, {"agency", "EL1"}, {"ME", "EL1"}}, {}};
  Rows rows(sequence.begins);
  for (const auto step : sequence.steps) rows.step(step);
  d.rows = std::move(rows).take();
  return d;
}

std::string sequence_table() {
  std::string table = "| step | how | what |\n|---|---|---|\n";
  for (const auto& step : abi::steps_about)
    table += fmt::format("| `{}` | {} | {} |\n", step.name, name(step.by), step.what);
  table += "\n| sequence | when | steps |\n|---|---|---|\n";
  for (const auto& sequence : abi::sequence::all) {
    std::string steps;
    for (const auto s : sequence.steps) steps += fmt::format("{}`{}`", steps.empty() ? "" : " → ", abi::name(s));
    table += fmt::format("| [{0}](lifecycle/{0}.svg) | {1} | {2} |\n", sequence.name, sequence.when, steps);
  }
  return table;
}

}  // namespace manual
