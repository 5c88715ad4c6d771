#include "tools/me/supervisor/recording_lines.hpp"

#include <algorithm>

#include "so3/abi/layout.hpp"

namespace me {

using engine::trace::Record;
using engine::trace::Recording;
using nlohmann::json;

namespace {

constexpr std::size_t records_per_line = 10'000;  // under a megabyte

json to_json(const Record& r) { return {r.time, r.kind, r.cpu, r.slot, r.number, r.value[0], r.value[1]}; }

template <typename T>
bool take(const json& value, T& into) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<T>::max()) return false;
  into = value.get<T>();
  return true;
}

bool take(const json& array, Record& r) {
  return array.is_array() && array.size() == 7 && take(array[0], r.time) && take(array[1], r.kind) &&
         take(array[2], r.cpu) && take(array[3], r.slot) && take(array[4], r.number) && take(array[5], r.value[0]) &&
         take(array[6], r.value[1]);
}

}  // namespace

bool send_recording(Channel& channel, const Recording& recording) {
  json syncs = json::array();
  for (const auto& s : recording.syncs) syncs.push_back({s.before, s.after, s.machine});
  if (!channel.send({{"value",
                      {{"name", recording.name},
                       {"syncs", std::move(syncs)},
                       {"dropped", recording.dropped},
                       {"records", recording.records.size()}}}}))
    return false;
  for (std::span rest{recording.records}; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), records_per_line));
    rest = rest.subspan(some.size());
    json line = json::array();
    for (const auto& r : some) line.push_back(to_json(r));
    if (!channel.send(line)) return false;
  }
  return true;
}

namespace detail {

bool add_head(Recording& recording, const json& head, std::size_t& records) {
  if (!head.is_object() || !head.contains("name") || !head["name"].is_string() || !head.contains("syncs") ||
      !head["syncs"].is_array() || !take(head.value("dropped", json()), recording.dropped) ||
      !take(head.value("records", json()), records) || records > engine::trace::records_max)
    return false;
  recording.name = head["name"].get<std::string>();
  for (const auto& s : head["syncs"]) {
    std::uint64_t before = 0, after = 0, machine = 0;
    if (!s.is_array() || s.size() != 3 || !take(s[0], before) || !take(s[1], after) || !take(s[2], machine))
      return false;
    recording.syncs.push_back({static_cast<std::int64_t>(before), static_cast<std::int64_t>(after), machine});
  }
  return true;
}

bool add_records(Recording& recording, const json& line) {
  if (!line.is_array() || line.empty()) return false;
  for (const auto& entry : line) {
    Record r{};
    if (!take(entry, r)) return false;
    recording.records.push_back(r);
  }
  return true;
}

}  // namespace detail
}  // namespace me
