#include "engine/logs/log_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace engine {

namespace {
constexpr std::chrono::seconds retry{1};  // how often a full disk is looked at again
}

LogWriter::LogWriter(std::unique_ptr<LogSink> sink, Hooks hooks) : sink_{std::move(sink)}, hooks_{std::move(hooks)} {
  thread_ = std::thread([this] { run(); });
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LogWriter::push(std::uint32_t slot, std::string text) {
  {
    const std::lock_guard lock(mutex_);
    if (queued_bytes_ + text.size() > credit) {
      lost_[slot] += static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
      return;
    }
    if (const auto lost = lost_.extract(slot)) queue(lost_lines(slot, lost.mapped()));
    queued_bytes_ += text.size();
    const auto charged = text.size();
    queue({slot, std::move(text), charged});
  }
  changed_.notify_all();
}

void LogWriter::queue(Entry entry) {
  queue_.push_back(std::move(entry));
  ++queued_;
}

LogWriter::Entry LogWriter::lost_lines(std::uint32_t slot, std::uint64_t lines) {
  return {slot, fmt::format("[ME:{}] {} lines lost\n", slot, lines), 0};
}

void LogWriter::flush() {
  std::unique_lock lock(mutex_);
  const auto all =
      queued_ + lost_.size();  // those are queued when there is room for them, at the latest behind the rest
  changed_.wait(lock, [&] { return written_ >= all || !trouble_.empty(); });
}

std::string LogWriter::trouble() {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void LogWriter::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (!trouble_.empty()) {
      changed_.wait_for(lock, retry, [&] { return stopping_; });
    } else {
      changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    }
    while (!queue_.empty() && write_front(lock)) {
    }
    if (!stopping_) continue;
    std::uint64_t lines = 0;
    for (const auto& e : queue_) lines += static_cast<std::uint64_t>(std::ranges::count(e.text, '\n'));
    for (const auto& [slot, n] : lost_) lines += n;
    if (lines > 0 && hooks_.notice)
      hooks_.notice(fmt::format("{} log lines lost: the smart object ended before they could be written", lines));
    return;
  }
}

// Writes the oldest entry; false when the sink takes no more for now.
bool LogWriter::write_front(std::unique_lock<std::mutex>& lock) {
  // Only this thread removes entries, and a deque does not move what stays: the reference holds while unlocked.
  Entry& front = queue_.front();
  lock.unlock();
  const auto taken = sink_->write(front.slot, std::string_view(front.text).substr(written_of_front_));
  lock.lock();
  written_of_front_ += taken.bytes;
  if (taken.stopped) {
    const auto before = std::exchange(trouble_, fmt::format("{}; {}", taken.stopped->message, taken.stopped->remedy));
    if (before.empty() && hooks_.notice) hooks_.notice(trouble_);
    changed_.notify_all();
    return false;
  }
  if (!std::exchange(trouble_, {}).empty() && hooks_.notice) hooks_.notice("log lines are being written again");
  const auto charged = front.charged;
  queued_bytes_ -= charged;
  written_of_front_ = 0;
  queue_.pop_front();
  ++written_;
  if (queue_.empty())
    for (const auto& [slot, lines] : std::exchange(lost_, {})) queue(lost_lines(slot, lines));
  if (charged > 0 && hooks_.taken) hooks_.taken(charged);
  changed_.notify_all();
  return true;
}

}  // namespace engine
