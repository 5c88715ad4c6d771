// Cooperation: an ME that comes (or asks to) is brought together with those that are here (design.md, the open points).
#pragma once
#include <cstdint>
#include <expected>
#include <memory>

#include "so3/agency/loop/task.hpp"
#include "so3/agency/me/domcall.hpp"
#include "so3/agency/me/refusal.hpp"

namespace agency {

class Cooperation {
 public:
  Cooperation(const World& world, Residents& residents, Domcalls& domcalls)
      : world_{world}, residents_{&residents}, domcalls_{&domcalls} {}

  using Result = std::expected<Done, Refusal>;

  // cb_cooperate of the initiator, once per eligible resident (willing to cooperate, or of the same species), or once
  // alone. Refused when the initiator ended of it; whether it rests now is in its state.
  Task<Result> run(std::shared_ptr<Me> initiator);

 private:
  World world_;
  Residents* residents_;
  Domcalls* domcalls_;
};

}  // namespace agency
