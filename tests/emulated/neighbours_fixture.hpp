// Smart objects that are neighbours, each in a QEMU of its own.
#pragma once
#include <sys/socket.h>

#include <deque>
#include <future>
#include <map>
#include <set>

#include "tests/emulated/middle_man.hpp"
#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {

// A capsule of tests/target/traveller.
inline engine::Capsule traveller(const std::string& kind = "traveller") {
  return capsule("tests/target/traveller/" + kind + ".itb");
}

// One of the smart objects, and what it has told.
class Place {
 public:
  explicit Place(const engine::Options& options) : options_{options} { boot(); }

  void boot();
  // As if the power had gone.
  void kill();
  SmartObject& so() { return *so_; }
  SmartObject* operator->() { return so_.get(); }
  const std::string& name() const { return options_.name; }

  // What happened to the MEs, as published names, from the last call until `last` has happened to `slot`, included.
  Names happened(std::uint32_t slot, std::string_view last);
  Names happened_until_now(std::uint32_t slot);
  // The next line of `slot` that begins so.
  std::string line(std::uint32_t slot, std::string_view begin);
  // The same; empty when it has ended before.
  std::string line_or_death(std::uint32_t slot, std::string_view begin);
  // What happened until now.
  void forget();
  // Waits for the end of a transfer on this side.
  engine::TransferChanged transferred(bool incoming);
  std::uint32_t inject(const engine::Capsule& image);
  // All MEs, by instance.
  std::map<std::uint64_t, engine::MeInfo> all();

 private:
  friend class NeighboursTest;
  std::optional<Event> next(std::string_view awaited, Clock::time_point deadline);
  std::string find_line(std::uint32_t slot, std::string_view begin, bool may_end);

  engine::Options options_;
  std::unique_ptr<SmartObject> so_;
  std::shared_ptr<engine::Subscription> events_;
  std::map<std::uint32_t, std::deque<std::string>> lines_;  // that came together with an earlier one
};

// The parameter is the interrupt controllers of the smart objects, in turn: {2, 3} makes so1 a GICv2 machine and so2 a GICv3.
using Gics = std::vector<std::uint32_t>;
class NeighboursTest : public testing::TestWithParam<Gics> {
 protected:
  void SetUp() override;
  void TearDown() override;

  // So many more of so1, so2, ...; not linked yet, MEs are asked by hand only.
  void boot(unsigned count);
  Place& at(unsigned i) { return *places_.at(i); }
  // Links two; with a judge, over a middle man.
  void link(unsigned asking, unsigned accepting, MiddleMan::Judge judge = {});
  // How many MEs of this instance there are, everywhere; and whether each lives.
  unsigned lives(std::uint64_t instance);

  engine::Options options_;
  std::vector<std::unique_ptr<MiddleMan>> between_;
  std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace emulated

#define FOR_EACH_PAIR_OF_GICS(Suite)                                                         \
  INSTANTIATE_TEST_SUITE_P(Gics, Suite, testing::Values(Gics{2, 2}, Gics{3, 3}, Gics{2, 3}), \
                           [](const auto& each) { return fmt::format("v{}", fmt::join(each.param, "v")); })
