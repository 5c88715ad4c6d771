#include "engine/trace/timeline.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "engine/trace/tracks.hpp"

namespace engine::trace {
namespace {

using Time = Timeline::Time;

struct Dated {
  Time time;
  const Record* record;
};

// On the host's clock, in order. What is of one time stays in the order it came in.
std::vector<Dated> dated(const Recording& recording, const ClockFit& clock) {
  std::vector<Dated> all;
  all.reserve(recording.records.size());
  for (const auto& r : recording.records) all.push_back({clock.to_host(r.time), &r});
  std::ranges::stable_sort(all, {}, &Dated::time);
  return all;
}

// Clocks may disagree by a few microseconds: nothing comes before it left.
void connect(Timeline& timeline, const TransferSide& sender, const TransferSide& receiver) {
  const auto came = std::max(receiver.begin, sender.begin);
  timeline.flows.push_back({sender.track, receiver.track, sender.begin, came, sender.name});
  timeline.steps.push_back(
      {Timeline::Step::Kind::sent, came, sender.process, Timeline::none, receiver.process, sender.name, 0});
  if (!receiver.arrived) return;
  const auto heard = std::max(sender.end, receiver.end);
  timeline.flows.push_back({receiver.track, sender.track, receiver.end, heard, "arrived"});
  timeline.steps.push_back(
      {Timeline::Step::Kind::arrived, heard, receiver.process, Timeline::none, sender.process, "arrived", 0});
}

void connect_all(Timeline& timeline, const std::vector<TransferSide>& sides) {
  for (const auto& sender : sides) {
    if (sender.incoming) continue;
    for (const auto& receiver : sides)
      if (receiver.incoming && receiver.process != sender.process && receiver.instance == sender.instance &&
          receiver.epoch == sender.epoch)
        connect(timeline, sender, receiver);
  }
}

}  // namespace

Timeline merge(std::span<const Recording> recordings) {
  Timeline timeline;
  std::vector<std::vector<Dated>> all;
  Time first = std::numeric_limits<Time>::max();
  for (const auto& recording : recordings) {
    const auto clock = fit(recording.syncs);
    timeline.processes.push_back({recording.name, clock.error, recording.dropped});
    all.push_back(dated(recording, clock));
    if (!all.back().empty()) first = std::min(first, all.back().front().time);
  }
  if (first != std::numeric_limits<Time>::max()) timeline.origin = first;
  for (const auto& records : all)
    if (!records.empty()) timeline.end = std::max(timeline.end, records.back().time - first);
  std::vector<TransferSide> transfers;
  for (std::uint32_t process = 0; process < all.size(); process++) {
    Tracks tracks{timeline, process, transfers};
    for (const auto& [time, record] : all[process]) tracks.take(*record, time - first);
    tracks.finish(timeline.end);
  }
  connect_all(timeline, transfers);
  std::ranges::stable_sort(timeline.slices, {}, [](const auto& s) { return std::tuple{s.begin, -s.end}; });
  std::ranges::stable_sort(timeline.steps, {}, &Timeline::Step::time);
  return timeline;
}

}  // namespace engine::trace
