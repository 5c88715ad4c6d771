// Transfers between two real machines through a middle man who does something to one message of each.
#pragma once
#include <mutex>

#include "tests/emulated/neighbours_fixture.hpp"

namespace emulated {

using Fate = MiddleMan::Fate;

class TransferFaultsTest : public NeighboursTest {
 protected:
  // The next transfers that begin get a fault each, in this order; those after them get none.
  void plan(Fate fate, unsigned first, unsigned count) {
    const std::lock_guard lock(mutex_);
    plans_.clear();
    next_.clear();
    for (unsigned i = 0; i < count; ++i) next_.push_back({.fault_at = first + i, .fate = fate});
  }
  MiddleMan::Judge judge() {
    return [this](const MiddleMan::Passing& passing) { return decide(passing); };
  }
  // So many messages the longest transfer had since the last plan().
  unsigned longest() {
    const std::lock_guard lock(mutex_);
    unsigned most = 0;
    for (const auto& [id, plan] : plans_) most = std::max(most, plan.seen);
    return most;
  }
  // What the faults befell since the last plan().
  std::string where() {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& [id, plan] : plans_)
      if (plan.hit)
        all += fmt::format("[message {}, {} {}] ", plan.fault_at, abi::transfer::name(plan.hit->type()),
                           plan.hit->there ? "there" : "back");
    return all;
  }
  bool was_hit() { return !where().empty(); }
  // All kinds of messages that a fault befell.
  std::set<abi::transfer::Type> befallen_;
  // Called in the middle man's thread when a fault befalls a message.
  std::function<void()> at_fault_ = [] {};

  // All that is there by the time that no ME is on its way any more.
  std::map<std::uint64_t, engine::MeInfo> settled(unsigned i) {
    for (const auto deadline = Clock::now() + patience;;) {
      auto all = at(i).all();
      if (std::ranges::all_of(all, [](const auto& me) { return me.second.state == abi::State::living; })) return all;
      if (Clock::now() > deadline) {
        ADD_FAILURE() << where() << ": an ME of " << at(i).name() << " neither lives nor goes";
        return all;
      }
    }
  }
  void expect_intact(unsigned i, std::uint32_t slot) {
    const auto line = at(i).line(slot, "active");
    EXPECT_NE(line.find(" intact "), std::string::npos) << where() << ": " << line;
  }
  void expect_no_neighbours() {
    for (auto& place : places_)
      while (!place->so().neighbours().value().empty()) std::this_thread::yield();
  }
  std::vector<std::uint32_t> inject(unsigned count) {
    std::vector<std::uint32_t> slots;
    for (unsigned i = 0; i < count; ++i) {
      slots.push_back(at(0).inject(traveller()));
      (void)at(0).line(slots.back(), "born");
    }
    return slots;
  }

 private:
  struct Plan {
    unsigned fault_at = 0;
    Fate fate = Fate::pass;
    unsigned seen = 0;
    std::optional<MiddleMan::Passing> hit{};
  };
  Fate decide(const MiddleMan::Passing& passing) {
    const std::lock_guard lock(mutex_);
    const auto [at, fresh] = plans_.try_emplace({passing.head.instance_id, passing.head.epoch});
    auto& plan = at->second;
    if (fresh && !next_.empty()) {
      plan = next_.front();
      next_.pop_front();
    }
    if (++plan.seen != plan.fault_at) return Fate::pass;
    plan.hit = passing;
    befallen_.insert(passing.type());
    at_fault_();
    return plan.fate;
  }

  std::mutex mutex_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Plan> plans_;  // by instance and epoch
  std::deque<Plan> next_;
};

}  // namespace emulated
