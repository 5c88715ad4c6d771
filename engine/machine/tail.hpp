// The last lines that something said before it died.
#pragma once
#include <deque>
#include <string>

namespace engine {

class Tail {
 public:
  explicit Tail(std::size_t lines) : limit_{lines} {}

  void push(std::string line) {
    if (lines_.size() == limit_) lines_.pop_front();
    lines_.push_back(std::move(line));
  }

  const std::deque<std::string>& lines() const { return lines_; }

  // One indented line each.
  std::string text(std::string_view before_each = "\n  ") const {
    std::string all;
    for (const auto& line : lines_) all.append(before_each).append(line);
    return all;
  }

 private:
  std::size_t limit_;
  std::deque<std::string> lines_;
};

}  // namespace engine
