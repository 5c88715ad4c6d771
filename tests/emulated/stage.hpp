// A smart object that serves one case of a test after the other, with a witness on it: an ME that goes on, whatever
// others do. Once a case is over nothing of any other ME may be left.
#pragma once
#include <functional>
#include <map>

#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {

enum class Fate { none, lives, hangs, rests };  // `hangs`: it lives, and does nothing any more

class Stage {
 public:
  explicit Stage(const engine::Options& options);
  ~Stage();
  SmartObject* operator->() { return so_.get(); }
  SmartObject& so() { return *so_; }

  // Forgets what was told until now.
  void begin_case();
  // The console, or an ME in its log.
  bool says(std::string_view what) const;
  // Takes events as they come, until it is so; false: it is not, in time.
  bool until(const std::function<bool()>& so, Clock::time_point deadline);
  // As many more lines of `slot` that begin so.
  void goes_on(std::uint32_t slot, std::size_t lines = 1);
  // Its vCPU is stopped, and nobody calls it.
  void stands_still(std::uint32_t slot);
  // What became of the one ME that is here beside the witness, or was.
  void expect(Fate fate);
  void expect_nobody_else();
  // All that was told.
  void show() const;

 private:
  void take(const Event& event);
  void catch_up();
  std::vector<engine::MeInfo> others();

  std::unique_ptr<SmartObject> so_;
  std::shared_ptr<engine::Subscription> events_;
  std::uint32_t witness_ = 0;
  std::uint64_t memory_free_ = 0;
  Names console_;
  std::map<std::uint32_t, Names> lines_;
  std::map<std::uint32_t, unsigned> called_;
};

}  // namespace emulated
