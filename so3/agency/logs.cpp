#include "so3/agency/logs.hpp"

#include <algorithm>

namespace agency {
namespace {

constexpr std::size_t console_turn = 4096;  // the console is slow: a turn of the loop must not drown in it

}  // namespace

std::size_t Logs::room() {
  flush();
  if (!kept_.empty()) return 0;
  return link_->is_open() ? link_->log_room() : console_turn;
}

void Logs::write(std::uint32_t slot, std::string_view lines) {
  if (lines.empty()) return;
  if (link_->is_open()) return link_->send_log(slot, lines);
  console_(lines);
}

void Logs::keep(std::uint32_t slot, std::string lines) {
  if (lines.empty()) return;
  kept_.push_back({slot, std::move(lines)});
  flush();
}

void Logs::flush() {
  while (!kept_.empty() && flush_one()) {
  }
}

bool Logs::flush_one() {
  auto& [slot, lines] = kept_.front();
  const auto room = link_->is_open() ? link_->log_room() : console_turn;
  // Whole lines: those that fit.
  const auto end = lines.size() <= room ? lines.size() : lines.rfind('\n', room == 0 ? 0 : room - 1) + 1;
  if (end == 0 || room == 0) return false;
  write(slot, std::string_view{lines}.substr(0, end));
  lines.erase(0, end);
  if (lines.empty()) kept_.pop_front();
  return true;
}

}  // namespace agency
