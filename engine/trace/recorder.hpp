// Collects the records of a smart object while a trace is on.
#pragma once
#include <mutex>

#include "engine/trace/recording.hpp"

namespace engine::trace {

class Recorder {
 public:
  // What comes before that is nobody's.
  void begin();
  void add(std::span<const Record> records);
  // What has been collected; nothing is from here on.
  [[nodiscard]] Recording take();

 private:
  std::mutex mutex_;
  bool on_ = false;
  Recording recording_;
};

}  // namespace engine::trace
