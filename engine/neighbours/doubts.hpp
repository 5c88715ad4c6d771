// Moves of which this side cannot know whether they were done: the neighbour had all of the ME when it fell silent.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/event.hpp"

namespace engine {

// The ME is suspended in `slot` until the neighbour has said what became of it, or is known to have ended.
struct MoveInDoubt {
  std::uint32_t slot;
  std::uint64_t instance_id;
  std::string neighbour;
};

namespace neighbours {

// From what the agency tells of its transfers.
class Doubts {
 public:
  void follow(const TransferChanged& change) {
    if (change.incoming || change.kind != abi::transfer::Kind::move) return;
    const std::pair id{change.instance_id, change.epoch};
    if (change.state == abi::transfer::name(abi::transfer::Sender::cancelling))
      moves_.insert_or_assign(id, MoveInDoubt{change.slot, change.instance_id, change.neighbour});
    else moves_.erase(id);
  }
  std::vector<MoveInDoubt> with(std::string_view neighbour) const {
    std::vector<MoveInDoubt> found;
    for (const auto& [id, move] : moves_)
      if (move.neighbour == neighbour) found.push_back(move);
    return found;
  }

 private:
  std::map<std::pair<std::uint64_t, std::uint64_t>, MoveInDoubt> moves_;
};

}  // namespace neighbours
}  // namespace engine
