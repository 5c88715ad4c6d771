// A smart object in QEMU for each test, with each version of the interrupt controller.
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/smart_object.hpp"
#include "tests/wait_until.hpp"
#include "tools/me/capsule_file.hpp"

namespace emulated {

namespace fs = std::filesystem;
using engine::CallbackRan;
using engine::Ended;
using engine::Errc;
using engine::Event;
using engine::LogLines;
using engine::SmartObject;
using engine::StateChanged;
using Names = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

using tests::patience;

// Adds what `event` says of the ME in `slot`: the state that it came to, the callback that began.
inline void note(Names& names, const Event& event, std::uint32_t slot) {
  if (const auto* s = std::get_if<StateChanged>(&event); s && s->slot == slot) names.emplace_back(abi::name(s->to));
  if (const auto* c = std::get_if<CallbackRan>(&event); c && c->slot == slot && !c->ended) names.emplace_back(c->name);
}

// Where the images are: build/target, or what `me test --coverage` says.
inline fs::path target_folder() {
  const char* chosen = std::getenv("ME_TARGET");
  return chosen ? chosen : TARGET_FOLDER;
}

// What is asked of an ME that goes to rest: nobody is told when it does, and until then it is busy with that.
template <typename Ask>
auto once_it_rests(Ask ask) {
  const auto deadline = Clock::now() + patience;
  auto answer = ask();
  while (!answer && answer.error().message.contains("is busy with ") && Clock::now() < deadline) answer = ask();
  return answer;
}

inline engine::Capsule capsule(const std::string& path) {
  auto loaded = me::load_capsule(target_folder() / path);
  if (!loaded) throw std::runtime_error(loaded.error().message + " (./me build makes it)");  // GoogleTest reports it
  return std::move(*loaded);
}
inline engine::Capsule refso3() { return capsule("templates/refso3/refso3.itb"); }
// A capsule of tests/target/trouble.
inline engine::Capsule trouble(const std::string& kind) { return capsule("tests/target/trouble/" + kind + ".itb"); }

class SmartObjectTest : public testing::TestWithParam<std::uint32_t> {
 protected:
  void SetUp() override {
    options_.gic = GetParam();
    options_.avz = target_folder() / "so3/avz/avz.bin";
    options_.agency = target_folder() / "so3/agency/agency.bin";
    options_.log_base = fs::path(testing::TempDir()) / fmt::format("emulated-{}", ::getpid());
    if (const char* folder = std::getenv("ME_COVERAGE")) options_.coverage_folder = folder;
    options_.boot_deadline = options_.call_deadline = patience;
  }
  void TearDown() override {
    if (so_ && HasFailure())
      for (const auto& line : so_->console_tail()) fmt::print("console: {}\n", line);
    if (so_ && !options_.coverage_folder.empty()) end_all();
    so_.reset();
    fs::remove_all(options_.log_base);
  }

  // A domain prints its counters when it ends in order.
  void end_all() {
    if (const auto mes = so_->list())
      for (const auto& me : *mes) (void)so_->stop(me.slot, patience);
    (void)so_->power_off();
  }

  void boot() {
    auto started = SmartObject::start(options_);
    ASSERT_TRUE(started) << started.error().message;
    so_ = std::move(*started);
    events_ = so_->subscribe();
  }

  std::uint32_t inject(const engine::Capsule& image) {
    auto slot = so_->inject(image);
    EXPECT_TRUE(slot) << slot.error().message;
    return slot.value_or(0);
  }

  // What happens to `slot`, as published names, until `last` has happened (included).
  Names happened(std::uint32_t slot, std::string_view last) {
    Names names;
    const auto deadline = Clock::now() + patience;
    while (names.empty() || names.back() != last) {
      const auto event = events_->next(deadline);
      if (!event || std::holds_alternative<Ended>(*event)) {
        ADD_FAILURE() << "waiting for " << last << ": "
                      << (event ? std::get<Ended>(*event).reason.message : "it did not come");
        break;
      }
      note(names, *event, slot);
      if (const auto* s = std::get_if<StateChanged>(&*event); s && s->slot == slot) crash_ = s->crash;
    }
    return names;
  }

  // The next `count` log lines of `slot`.
  Names logged(std::uint32_t slot, std::size_t count) { return logged(slot, count, Clock::now() + patience); }
  Names logged(std::uint32_t slot, std::size_t count, Clock::time_point deadline) {
    Names lines;
    while (lines.size() < count) {
      const auto event = events_->next(deadline);
      if (!event || std::holds_alternative<Ended>(*event)) {
        ADD_FAILURE() << lines.size() << " of " << count << " log lines came";
        break;
      }
      if (const auto* log = std::get_if<LogLines>(&*event); log && log->slot == slot) {
        std::istringstream text(log->text);
        for (std::string line; std::getline(text, line);) lines.push_back(line);
      }
    }
    return lines;
  }

  std::vector<std::uint32_t> living() {
    std::vector<std::uint32_t> slots;
    const auto mes = so_->list();
    EXPECT_TRUE(mes);
    if (mes)
      for (const auto& me : *mes)
        if (me.state == abi::State::living) slots.push_back(me.slot);
    return slots;
  }

  std::string store(const std::string& path) { return so_->store_read(path).value_or("(nothing)"); }

  engine::Options options_;
  std::unique_ptr<SmartObject> so_;
  std::shared_ptr<engine::Subscription> events_;
  abi::CrashReason crash_ = abi::CrashReason::none;  // of the last change that happened() saw
};

}  // namespace emulated

#define FOR_EACH_GIC(Suite)                                     \
  INSTANTIATE_TEST_SUITE_P(Gic, Suite, testing::Values(2U, 3U), \
                           [](const auto& each) { return fmt::format("v{}", each.param); })
