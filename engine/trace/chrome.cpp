#include "engine/trace/chrome.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

namespace engine::trace {
namespace {

using nlohmann::json;

// Names come from guests: what is not UTF-8 is replaced.
class Events {
 public:
  explicit Events(std::ostream& out) : out_{out} { out_ << R"({"displayTimeUnit":"ns","traceEvents":[)"; }
  void add(const json& event) {
    out_ << (first_ ? "\n" : ",\n") << event.dump(-1, ' ', false, json::error_handler_t::replace);
    first_ = false;
  }
  void end(const json& about) {
    out_ << "\n],\"otherData\":" << about.dump(-1, ' ', false, json::error_handler_t::replace) << "}\n";
  }

 private:
  std::ostream& out_;
  bool first_ = true;
};

double microseconds(Timeline::Time time) { return static_cast<double>(time) / 1000; }

// CPUs above, then domain by domain.
std::uint32_t sort_index(const Timeline::Track& track) {
  if (track.group == Timeline::Group::cpu) return track.slot;
  if (track.group == Timeline::Group::transfer) return 100;
  return 200 + track.slot * 4 + static_cast<std::uint32_t>(track.group);
}

}  // namespace

void write_chrome(std::ostream& out, const Timeline& timeline) {
  Events events(out);
  json about = json::object();
  const auto on = [&](std::uint32_t track) {
    return json{{"pid", timeline.tracks[track].process + 1}, {"tid", track + 1}};
  };
  const auto event = [&](const char* phase, std::uint32_t track, Timeline::Time time, const std::string& name) {
    auto e = on(track);
    e.update({{"ph", phase}, {"ts", microseconds(time)}, {"name", name}});
    return e;
  };
  for (std::uint32_t i = 0; i < timeline.processes.size(); i++) {
    const auto& p = timeline.processes[i];
    events.add({{"ph", "M"}, {"pid", i + 1}, {"name", "process_name"}, {"args", {{"name", p.name}}}});
    about[p.name] = {{"clock_error_ns", p.error}, {"records_lost", p.lost}};
  }
  for (std::uint32_t i = 0; i < timeline.tracks.size(); i++) {
    auto name = on(i), order = on(i);
    name.update({{"ph", "M"}, {"name", "thread_name"}, {"args", {{"name", timeline.tracks[i].name}}}});
    order.update(
        {{"ph", "M"}, {"name", "thread_sort_index"}, {"args", {{"sort_index", sort_index(timeline.tracks[i])}}}});
    events.add(name);
    events.add(order);
  }
  for (const auto& s : timeline.slices) {
    auto e = event("X", s.track, s.begin, s.name);
    e["dur"] = microseconds(s.end - s.begin);
    for (const auto& [key, value] : s.arguments) e["args"][key] = value;
    events.add(e);
  }
  for (const auto& i : timeline.instants) {
    auto e = event("i", i.track, i.time, i.name);
    e["s"] = "t";
    events.add(e);
  }
  for (std::size_t i = 0; i < timeline.flows.size(); i++) {
    const auto& f = timeline.flows[i];
    auto from = event("s", f.from, f.left, f.name), to = event("f", f.to, f.came, f.name);
    from.update({{"id", i + 1}, {"cat", "transfer"}});
    to.update({{"id", i + 1}, {"cat", "transfer"}, {"bp", "e"}});
    events.add(from);
    events.add(to);
  }
  events.end(about);
}

}  // namespace engine::trace
