#include "engine/trace/recorder.hpp"

#include <algorithm>
#include <utility>

namespace engine::trace {

void Recorder::begin() {
  const std::lock_guard lock(mutex_);
  recording_ = {};
  on_ = true;
}

void Recorder::add(std::span<const Record> records) {
  const std::lock_guard lock(mutex_);
  if (!on_) return;
  const auto kept = std::min(records.size(), records_max - recording_.records.size());
  recording_.records.insert(recording_.records.end(), records.begin(),
                            records.begin() + static_cast<std::ptrdiff_t>(kept));
  recording_.dropped += records.size() - kept;
}

Recording Recorder::take() {
  const std::lock_guard lock(mutex_);
  on_ = false;
  return std::exchange(recording_, {});
}

}  // namespace engine::trace
