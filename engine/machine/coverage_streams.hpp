// Counters that avz and domains of a coverage build print on the console (so3/coverage/counters.hpp), into files.
#pragma once
#include <filesystem>
#include <string_view>

namespace engine {

class CoverageStreams {
 public:
  // `id` tells the streams of one machine from those of another. An empty folder: nothing is taken.
  CoverageStreams(std::filesystem::path folder, int id) : folder_{std::move(folder)}, id_{id} {}

  // True: the line was counters, and is not for people. "[<slot>] gcov:" or "[avz] gcov:", and hexadecimal digits.
  bool take(std::string_view line) const;

 private:
  std::filesystem::path folder_;
  int id_;
};

}  // namespace engine
