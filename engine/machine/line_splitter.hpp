// Lines out of a stream of bytes that may never end one.
#pragma once
#include <string>
#include <string_view>

namespace engine {

class LineSplitter {
 public:
  static constexpr std::size_t line_max = 4096;  // a longer line is cut into several

  // Calls line(std::string) for each whole line, without '\n' and '\r'.
  template <class Line>
  void feed(std::string_view bytes, Line&& line) {
    for (const char c : bytes) {
      if (c == '\r') continue;
      if (c != '\n') partial_.push_back(c);
      if (c == '\n' || partial_.size() == line_max) line(std::exchange(partial_, {}));
    }
  }

  // What came after the last '\n'.
  std::string take_rest() { return std::exchange(partial_, {}); }

 private:
  std::string partial_;
};

}  // namespace engine
