// What is remembered of transfers when they are over, bounded: the oldest is forgotten first.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "so3/agency/me/refusal.hpp"
#include "so3/agency/transfer/message.hpp"

namespace agency::transfer {

// How transfers from one peer ended here, so that the same offer or cancel gets the same answer again. A move that
// arrived is not forgotten before it is settled (Incoming): only then it comes here.
class Outcomes {
 public:
  struct Outcome {
    abi::transfer::Receiver state;  // arrived, refused or cancelled
    std::uint32_t slot;
    Refusal refusal;
  };
  static constexpr std::size_t max = 256;

  void remember(const Id& id, Outcome outcome);
  const Outcome* find(const Id& id) const;

 private:
  std::map<Id, Outcome> outcomes_;
  std::deque<Id> order_;
};

// MEs that moved away, and the epoch in which they did: what comes in that epoch or an older one is a replay.
class Departures {
 public:
  static constexpr std::size_t max = 1024;

  void remember(const Id& id);
  bool left(const Id& id) const;

 private:
  std::map<std::uint64_t, std::uint64_t> epochs_;  // by instance
  std::deque<std::uint64_t> order_;
};

}  // namespace agency::transfer
