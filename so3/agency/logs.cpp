#include "so3/agency/logs.hpp"

#include <algorithm>

#include "so3/agency/text.hpp"

namespace agency {
namespace {

constexpr std::size_t console_turn = 4096;  // the console is slow: a turn of the loop must not drown in it
// Of all MEs that are gone together. An ME that connects and closes in turn, with an engine that does not read, must
// not fill the agency's memory.
constexpr std::size_t kept_max = 256 * 1024;

}  // namespace

std::size_t Logs::room() {
  flush();
  if (!empty()) return 0;
  return room_now();
}

void Logs::write(std::uint32_t slot, std::string_view lines) {
  if (lines.empty()) return;
  if (link_->is_open()) return link_->send_log(slot, lines);
  console_(lines);
}

void Logs::keep(std::uint32_t slot, std::string lines) {
  if (lines.empty()) return;
  flush();
  if (kept_bytes_ + lines.size() > kept_max) {
    lost_[slot] += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
    return;
  }
  kept_bytes_ += lines.size();
  kept_.push_back({slot, std::move(lines)});
  flush();
}

bool Logs::may_keep(std::size_t bytes) {
  flush();
  return kept_bytes_ + bytes <= kept_max;
}

void Logs::flush() {
  while (!kept_.empty() && flush_one()) {
  }
  while (kept_.empty() && !lost_.empty() && room_now() != 0) {
    const auto [slot, count] = *lost_.begin();
    lost_.erase(lost_.begin());
    write(slot, text("[ME:%u] %llu lines lost\n", slot, static_cast<unsigned long long>(count)));
  }
}

std::size_t Logs::room_now() { return link_->is_open() ? link_->log_room() : console_turn; }

bool Logs::flush_one() {
  auto& [slot, lines] = kept_.front();
  const auto room = room_now();
  // Whole lines: those that fit.
  const auto end = lines.size() <= room ? lines.size() : lines.rfind('\n', room == 0 ? 0 : room - 1) + 1;
  if (end == 0 || room == 0) return false;
  write(slot, std::string_view{lines}.substr(0, end));
  lines.erase(0, end);
  kept_bytes_ -= end;
  if (lines.empty()) kept_.pop_front();
  return true;
}

}  // namespace agency
