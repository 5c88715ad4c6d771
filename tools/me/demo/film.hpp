// The demo's recording, and the files that it becomes.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/smart_object.hpp"
#include "tools/me/demo/stage.hpp"

namespace me::demo {

class Film {
 public:
  explicit Film(std::filesystem::path folder) : folder_{std::move(folder)} {}

  // Finds out early whether the files can be written.
  Result<> prepare() const;
  Result<> begin(engine::SmartObject& so);
  Result<> end(engine::SmartObject& so);

  // All that was recorded as a diagram with the scenes as headings and as a trace; and one scene as a diagram.
  Result<> write(const std::vector<Scene>& scenes, std::size_t one);
  // That scene for a terminal.
  const std::vector<std::string>& text() const { return text_; }

  bool written() const { return !text_.empty(); }
  std::filesystem::path scene() const { return folder_ / "move.svg"; }
  std::filesystem::path diagram() const { return folder_ / "demo.svg"; }
  std::filesystem::path trace() const { return folder_ / "demo.json"; }

 private:
  std::filesystem::path folder_;
  std::vector<engine::trace::Recording> recordings_;
  std::vector<std::string> text_;
};

}  // namespace me::demo
