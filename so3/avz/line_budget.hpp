// How many lines a domain may write to the console: a burst, then so many a second. The console is a file on the host
// that only grows, and while one writes the others wait for their line.
#pragma once
#include <cstdint>

namespace avz {

class LineBudget {
 public:
  static constexpr std::uint32_t burst = 1000, per_second = 100;

  // False: this line is lost, and counted. `now` never goes back.
  bool take(std::uint64_t now, std::uint64_t ticks_per_second) {
    const std::uint64_t step = ticks_per_second / per_second;
    const std::uint64_t earned = (now - counted_to_) / step;
    counted_to_ += earned * step;
    left_ = earned >= burst - left_ ? burst : left_ + static_cast<std::uint32_t>(earned);
    if (left_ == 0) {
      lost_++;
      return false;
    }
    left_--;
    return true;
  }

  // Lines lost since this was asked last.
  std::uint32_t take_lost() {
    const auto lost = lost_;
    lost_ = 0;
    return lost;
  }

 private:
  std::uint64_t counted_to_ = 0;
  std::uint32_t left_ = burst, lost_ = 0;
};

}  // namespace avz
