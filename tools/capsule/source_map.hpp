// Where in the author's files a node or property of a device tree was written: what `dtc -T -T` notes as comments.
#pragma once
#include <filesystem>
#include <map>
#include <string>

namespace capsule_tool {

class SourceMap {
 public:
  explicit SourceMap(const std::filesystem::path& annotated);

  // "file:line" of a property, of the node when it has none of that name, of the file when neither is known.
  // The last place that wrote it: an override, not what it overrides.
  std::string place(const std::string& node, const std::string& property) const;

 private:
  std::map<std::string, std::string> places_;  // by node, or node and property with a blank between
  std::string fallback_;
};

}  // namespace capsule_tool
