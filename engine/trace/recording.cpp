#include "engine/trace/recording.hpp"

#include <algorithm>
#include <cmath>

namespace engine::trace {
namespace {

// Below this the round trips are larger than what clocks drift.
constexpr std::int64_t drift_visible = 100'000'000;

std::int64_t round_trip(const SyncPoint& p) { return p.after - p.before; }
std::int64_t middle(const SyncPoint& p) { return p.before + round_trip(p) / 2; }

const SyncPoint& tightest(std::span<const SyncPoint> some) { return *std::ranges::min_element(some, {}, round_trip); }

ClockFit at(const SyncPoint& p) { return {p.machine, middle(p), 1, (round_trip(p) + 1) / 2}; }

}  // namespace

ClockFit fit(std::span<const SyncPoint> syncs) {
  if (syncs.empty()) return {};
  const auto half = std::max<std::size_t>(syncs.size() / 2, 1);
  const auto& first = tightest(syncs.first(half));
  const auto& last = tightest(syncs.last(half));
  const auto machine = static_cast<std::int64_t>(last.machine - first.machine);
  if (machine < drift_visible) return at(tightest(syncs));
  ClockFit both = at(first);
  both.rate = static_cast<double>(middle(last) - middle(first)) / static_cast<double>(machine);
  if (std::abs(both.rate - 1) > rates_differ_max) return at(tightest(syncs));
  both.error = std::max(both.error, at(last).error);
  return both;
}

}  // namespace engine::trace
