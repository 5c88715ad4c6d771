// Lines that could not go out at once, in order, and a count of those that did not fit even here.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "frontends/vlogs/protocol.hpp"

namespace vlogs {

// No locks, no heap: whoever uses it keeps others out.
class Backlog {
 public:
  static constexpr std::size_t capacity = 2048;

  struct Line {
    std::uint8_t level;
    std::string_view text;  // until pop() or put()
  };

  bool empty() const { return used_ == 0 && lost_ == 0; }

  // put() would keep it.
  bool fits(std::string_view text) const { return lost_ == 0 && used_ + sizeof(Record) + text.size() <= capacity; }

  // False: lost, and counted. Once a line is lost all that follow are, until it is empty again: what comes out has one
  // gap, at its end, and lost() says how large it is.
  bool put(std::uint8_t level, std::string_view text) {
    if (!fits(text)) {
      ++lost_;
      return false;
    }
    const Record record{static_cast<std::uint16_t>(text.size()), level, 0};
    std::memcpy(bytes_ + used_, &record, sizeof record);
    if (!text.empty()) std::memcpy(bytes_ + used_ + sizeof record, text.data(), text.size());
    used_ += sizeof record + text.size();
    return true;
  }
  void count_lost() { ++lost_; }

  std::optional<Line> front() const {
    if (read_ == used_) return std::nullopt;
    const Record record = at(read_);
    return Line{record.level, {bytes_ + read_ + sizeof record, record.length}};
  }
  void pop() {
    read_ += sizeof(Record) + at(read_).length;
    if (read_ == used_) read_ = used_ = 0;
  }

  // Of the lines that follow the last one.
  std::uint32_t lost() const { return lost_; }
  void clear_lost() { lost_ = 0; }

 private:
  Record at(std::size_t offset) const {
    Record record;
    std::memcpy(&record, bytes_ + offset, sizeof record);
    return record;
  }
  std::size_t read_ = 0, used_ = 0;
  std::uint32_t lost_ = 0;
  char bytes_[capacity] = {};
};

}  // namespace vlogs
