#include "tools/capsule/source_map.hpp"

#include <algorithm>
#include <fstream>
#include <vector>

namespace capsule_tool {
namespace {

// From "... /* a.dtsi:3:9-10:4, b.dts:3:5-8:3 */" the last range's file and first line: "b.dts:3".
std::string last_place(const std::string& line) {
  const auto begin = line.rfind("/* "), end = line.rfind(" */");
  if (begin == line.npos || end == line.npos || end < begin) return {};
  std::string ranges = line.substr(begin + 3, end - begin - 3);
  if (const auto comma = ranges.rfind(", "); comma != ranges.npos) ranges.erase(0, comma + 2);
  const auto dash = ranges.rfind('-');
  if (dash == ranges.npos) return {};
  ranges.resize(dash);
  const auto column = ranges.rfind(':');
  return column == ranges.npos ? std::string{} : ranges.substr(0, column);
}

std::string last_word(const std::string& text) { return text.substr(text.find_last_of(" \t") + 1); }

}  // namespace

SourceMap::SourceMap(const std::filesystem::path& annotated) : fallback_(annotated.string()) {
  std::ifstream in(annotated);
  std::vector<std::string> path;
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find_first_not_of(" \t");
    if (first == line.npos) continue;
    line.erase(0, first);
    const auto comment = line.rfind(" /* ");
    const auto code = line.substr(0, comment);
    if (code.starts_with("};")) {
      if (!path.empty()) path.pop_back();
    } else if (code.ends_with(" {")) {
      const auto name = last_word(code.substr(0, code.size() - 2));
      path.push_back(path.empty() || path.back() == "/" ? (path.empty() ? "/" : "/" + name) : path.back() + "/" + name);
      places_[path.back()] = last_place(line);
      places_[name] = last_place(line);
    } else if (!path.empty()) {
      const auto name = code.substr(0, code.find_first_of(" =;"));
      const auto at = last_place(line);
      places_[path.back() + ' ' + name] = at;
      places_[last_word(path.back().substr(path.back().rfind('/') + 1)) + ' ' + name] = at;
    }
  }
  if (const auto root = places_.find("/"); root != places_.end()) fallback_ = root->second;
}

std::string SourceMap::place(const std::string& node, const std::string& property) const {
  for (const auto& key : {node + ' ' + property, node}) {
    if (const auto found = places_.find(key); found != places_.end() && !found->second.empty()) return found->second;
  }
  return fallback_;
}

}  // namespace capsule_tool
