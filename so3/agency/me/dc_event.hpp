// Asking an ME something in a thread of its own, and waiting for the answer.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>

#include "so3/agency/loop/task.hpp"
#include "so3/agency/me/refusal.hpp"
#include "so3/agency/me/residents.hpp"

namespace agency {

class DcEvents {
 public:
  DcEvents(const World& world, Residents& residents) : world_{world}, residents_{&residents} {}

  struct Request {
    abi::DcEvent event;
    std::uint64_t deadline;
    std::uint32_t argument = 0;
    // Frontends connect meanwhile: an error of one of them ends the wait.
    bool connects = false;
  };
  // What the callback returned; the state that it left the ME in is in `me`. An error: the ME is gone, or did not answer
  // until the deadline. Then the mailbox stays its own until it does, and nothing can be asked before (Me::unanswered).
  Task<std::expected<std::int32_t, Refusal>> run(std::shared_ptr<Me> me, Request request);

 private:
  Task<std::expected<Done, Refusal>> post(std::shared_ptr<Me> me, const Request& request);
  World world_;
  Residents* residents_;
};

}  // namespace agency
