// Recordings of several smart objects on one time line: what happened on which track, from when to when.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/trace/recording.hpp"
#include "so3/abi/transfer.hpp"

namespace engine::trace {

struct Timeline {
  // Nanoseconds since the first record of all.
  using Time = std::int64_t;
  using Arguments = std::vector<std::pair<std::string, std::string>>;
  enum class Group : std::uint8_t { cpu, me, calls, thread, transfer };

  struct Process {
    std::string name;  // of the smart object
    Time error;        // by how much its times may be wrong
    std::uint64_t lost;  // records that are missing
  };
  struct Track {
    std::uint32_t process;
    Group group;
    std::uint32_t slot;  // or CPU
    std::string name;
  };
  // Of one track: one in another or one after the other.
  struct Slice {
    std::uint32_t track;
    Time begin, end;
    std::string name;
    Arguments arguments;
  };
  struct Instant {
    std::uint32_t track;
    Time time;
    std::string name;
  };
  // From a slice to a slice.
  struct Flow {
    std::uint32_t from, to;  // tracks
    Time left, came;
    std::string name;
  };
  // What the sequence diagram is made of.
  struct Step {
    enum class Kind : std::uint8_t { callback, callback_end, state, sent, arrived } kind;
    Time time;
    std::uint32_t process, me;  // me: a track, or none
    std::uint32_t other;        // sent, arrived: the other process, or none
    std::string name;
    std::int64_t result = 0;
  };
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  std::vector<Process> processes;
  std::vector<Track> tracks;
  std::vector<Slice> slices;
  std::vector<Instant> instants;
  std::vector<Flow> flows;
  std::vector<Step> steps;
  Time end = 0;
  Time origin = 0;  // time 0 on the host's clock (std::chrono::steady_clock)
};

[[nodiscard]] Timeline merge(std::span<const Recording> recordings);

}  // namespace engine::trace
