// How MEs end when they are told to.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "so3/agency/loop/task.hpp"
#include "so3/agency/me/dc_event.hpp"

namespace agency {

class Ending {
 public:
  Ending(const World& world, Residents& residents);
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;

  using Result = std::expected<std::string, Refusal>;  // how it ended

  // Asks with cb_force_terminate. One that agrees closes its frontends in order; one that refuses, or does not answer,
  // is destroyed when the grace time is over. A dormant ME has no threads to ask: it is destroyed.
  Task<Result> stop(std::uint32_t slot, std::uint64_t grace_ns);
  Result kill(std::uint32_t slot);

 private:
  Task<Done> close(std::shared_ptr<Me> me, std::uint64_t deadline);

  World world_;
  Residents* residents_;
  DcEvents dc_events_;
};

}  // namespace agency
