#include "engine/machine/coverage_streams.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>

namespace engine {

bool CoverageStreams::take(std::string_view line) const {
  constexpr std::string_view mark = "] gcov:";
  const auto end = line.find(mark);
  if (folder_.empty() || !line.starts_with('[') || end == line.npos) return false;
  const auto writer = line.substr(1, end - 1);
  unsigned slot = 0;
  const auto number = std::from_chars(writer.data(), writer.data() + writer.size(), slot);
  const bool domain = number.ec == std::errc() && number.ptr == writer.data() + writer.size();
  if (!domain && writer != "avz") return false;
  line.remove_prefix(end);
  line.remove_prefix(mark.size());
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  std::ofstream out(folder_ / fmt::format("{}-{}.stream", id_, writer), std::ios::binary | std::ios::app);
  for (; line.size() >= 2; line.remove_prefix(2)) {
    unsigned byte = 0;
    if (std::from_chars(line.data(), line.data() + 2, byte, 16).ptr != line.data() + 2) break;
    out.put(static_cast<char>(byte));
  }
  return true;
}

}  // namespace engine
