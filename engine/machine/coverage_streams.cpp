#include "engine/machine/coverage_streams.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>

namespace engine {

bool CoverageStreams::take(std::string_view line) const {
  constexpr std::string_view mark = "] gcov:";
  unsigned slot = 0;
  if (folder_.empty() || !line.starts_with('[')) return false;
  const auto number = std::from_chars(line.data() + 1, line.data() + line.size(), slot);
  if (number.ec != std::errc()) return false;
  line.remove_prefix(static_cast<std::size_t>(number.ptr - line.data()));
  if (!line.starts_with(mark)) return false;
  line.remove_prefix(mark.size());
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  std::ofstream out(folder_ / fmt::format("{}-{}.stream", id_, slot), std::ios::binary | std::ios::app);
  for (; line.size() >= 2; line.remove_prefix(2)) {
    unsigned byte = 0;
    if (std::from_chars(line.data(), line.data() + 2, byte, 16).ptr != line.data() + 2) break;
    out.put(static_cast<char>(byte));
  }
  return true;
}

}  // namespace engine
