// What was recorded of one smart object, and when that was by the host's clock.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "so3/abi/trace.hpp"

namespace engine::trace {

using abi::trace::Flags;
using abi::trace::Kind;
using abi::trace::Record;

// The agency said what its clock shows, in between two looks at the host's (std::chrono::steady_clock). Nanoseconds.
struct SyncPoint {
  std::int64_t before, after;
  std::uint64_t machine;
};

struct Recording {
  std::string name;  // of the smart object
  std::vector<Record> records;  // in the order they came in: of each CPU and of the agency in that of their time
  std::vector<SyncPoint> syncs;
  std::uint64_t dropped = 0;  // by the engine, which keeps records_max; what avz and the agency lost is in the records
};

inline constexpr std::size_t records_max = 2'000'000;  // 64 MB

// Machine time in host time. `error`: by how much it may be wrong, from the round trips of the sync points.
struct ClockFit {
  std::uint64_t machine = 0;  // this ...
  std::int64_t host = 0;  // ... is this
  double rate = 1;  // host nanoseconds per nanosecond of the machine
  std::int64_t error = 0;

  std::int64_t to_host(std::uint64_t time) const {
    return host + static_cast<std::int64_t>(static_cast<double>(static_cast<std::int64_t>(time - machine)) * rate);
  }
};

// Through the sync points with the shortest round trips among the first and the last half of them. Clocks that differ
// by more than rates_differ_max are not believed: the offset of the best one is taken then.
inline constexpr double rates_differ_max = 0.01;
[[nodiscard]] ClockFit fit(std::span<const SyncPoint> syncs);

}  // namespace engine::trace
