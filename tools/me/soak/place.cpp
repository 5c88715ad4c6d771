#include "tools/me/soak/place.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "engine/logs/lines.hpp"
#include "engine/qemu.hpp"

namespace me::soak {

using engine::Errc;
using engine::fail;
using engine::Result;
using Clock = std::chrono::steady_clock;

namespace {
constexpr std::chrono::seconds patience{60};  // for what never comes
constexpr std::size_t lines_kept = 64;        // of an ME that nobody listens to
}  // namespace

Result<> Place::start() {
  lines_.clear();
  ended_.reset();
  so_.reset();  // it has the log folder
  auto started = engine::SmartObject::start(options_);
  if (!started) return std::unexpected(started.error());
  so_ = std::move(*started);
  events_ = so_->subscribe();
  ++starts_;
  if (auto set = so_->set_period(std::chrono::milliseconds(0)); !set) return set;
  const auto info = so_->info();
  if (!info) return std::unexpected(info.error());
  at_start_ = *info;
  return {};
}

Result<> Place::kill() {
  ::kill(so_->qemu_pid(), SIGKILL);
  for (const auto deadline = Clock::now() + patience; !ended_;) {
    const auto event = events_->next(deadline);
    if (!event)
      return fail(Errc::timed_out,
                  fmt::format("{} was killed and has not ended within {} s", name(), patience.count()));
    hear(*event);
  }
  return {};
}

void Place::hear(const engine::Event& event) {
  // Somebody else is in the slot from here on.
  if (const auto* state = std::get_if<engine::StateChanged>(&event);
      state && (state->to == abi::State::booting || state->to == abi::State::migrating))
    lines_[state->slot].clear();
  if (const auto* ended = std::get_if<engine::Ended>(&event)) ended_ = ended->reason;
  const auto* log = std::get_if<engine::LogLines>(&event);
  if (!log) return;
  auto& lines = lines_[log->slot];
  for (auto& line : engine::lines_of(*log)) {
    if (line.find("ALTERED") != line.npos || line.find("TIME WENT BACK") != line.npos)
      complaints_.push_back(fmt::format("{}, slot {}: {}", name(), log->slot, line));
    lines.push_back(std::move(line));
    if (lines.size() > lines_kept) lines.pop_front();
  }
}

Result<std::string> Place::line(std::uint32_t slot, std::string_view begin) {
  const auto deadline = Clock::now() + patience;
  while (const auto event = events_->next(Clock::now())) hear(*event);
  for (;;) {
    for (auto& lines = lines_[slot]; !lines.empty();) {
      auto line = std::move(lines.front());
      lines.pop_front();
      if (line.starts_with(begin)) return line;
    }
    if (ended_) return std::unexpected(*ended_);
    const auto event = events_->next(deadline);
    if (!event)
      return fail(Errc::timed_out, fmt::format("the ME in slot {} of {} did not say '{}' within {} s", slot, name(),
                                               begin, patience.count()));
    hear(*event);
  }
}

std::optional<std::string> Place::complaint() {
  while (const auto event = events_->next(Clock::now())) hear(*event);
  if (complaints_.empty()) return {};
  auto first = std::move(complaints_.front());
  complaints_.pop_front();
  return first;
}

std::uint64_t Place::resident_bytes() const { return soak::resident_bytes(so_->qemu_pid()); }

std::uint64_t Place::qemu_bytes_max() const {
  constexpr std::uint64_t itself_mb = 96;
  return (options_.memory_mb + options_.window_mb + engine::translation_mb + itself_mb) << 20;
}

std::uint64_t resident_bytes(int pid) {
  std::ifstream statm(fmt::format("/proc/{}/statm", pid));
  std::uint64_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace me::soak
