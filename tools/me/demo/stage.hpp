// What a demo shows as it happens, and whether all that must be seen was seen, in its order.
#pragma once
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/smart_object.hpp"
#include "tools/me/output.hpp"

namespace me::demo {

using Names = std::deque<std::string_view>;

struct Place {
  std::string name;
  std::unique_ptr<engine::SmartObject> so;
  std::shared_ptr<engine::Subscription> events;
  std::map<std::uint32_t, std::deque<std::string>> log;  // not shown yet
};

struct Scene {
  std::chrono::nanoseconds since;  // on the host's clock (std::chrono::steady_clock)
  std::string title;
};

class Stage {
 public:
  explicit Stage(bool quiet) : json_{quiet} {}

  void scene(std::string_view title);
  // One line: what, and what exactly. Both are part of the result with --json.
  void show(std::string_view what, std::string_view detail, Colour colour = Colour::plain);
  // A line that is no step: nothing with --json.
  void say(std::string_view line);
  // Shows what happens to MEs of the place, until all that is expected of each slot has come, in its order.
  Result<> await(Place& place, std::map<std::uint32_t, Names> expected);
  Result<> await_log(Place& place, std::uint32_t slot, std::size_t lines);
  Result<> show_store(Place& place, std::uint32_t slot);

  const json& steps() const { return steps_; }
  const std::vector<Scene>& scenes() const { return scenes_; }

 private:
  Result<std::string> shown_event(Place& place, std::uint32_t slot, const engine::Event& event);

  bool json_;
  json steps_ = json::array();
  std::vector<Scene> scenes_;
};

}  // namespace me::demo
