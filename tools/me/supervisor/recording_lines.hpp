// A recording on its way from a supervisor to `me trace`: a line about it, then lines of records.
#pragma once
#include "engine/trace/recording.hpp"
#include "tools/me/supervisor/channel.hpp"

namespace me {

// False when nobody reads any more.
[[nodiscard]] bool send_recording(Channel& channel, const engine::trace::Recording& recording);
// `first`: the line about it; `next` gives those that follow.
template <typename Next>
[[nodiscard]] std::optional<engine::trace::Recording> receive_recording(const nlohmann::json& first, Next next);

namespace detail {
// What a line says, added to the recording. False: a supervisor does not say that.
[[nodiscard]] bool add_head(engine::trace::Recording& recording, const nlohmann::json& head, std::size_t& records);
[[nodiscard]] bool add_records(engine::trace::Recording& recording, const nlohmann::json& line);
}  // namespace detail

template <typename Next>
std::optional<engine::trace::Recording> receive_recording(const nlohmann::json& first, Next next) {
  engine::trace::Recording recording;
  std::size_t records = 0;
  if (!detail::add_head(recording, first, records)) return std::nullopt;
  while (recording.records.size() < records) {
    const std::optional<nlohmann::json> line = next();
    if (!line || !detail::add_records(recording, *line)) return std::nullopt;
  }
  return recording;
}

}  // namespace me
