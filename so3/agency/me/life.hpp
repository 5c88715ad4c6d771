// What an ME goes through: the sequences of abi/sequence.hpp, run step by step as they stand there.
#pragma once
#include <expected>
#include <memory>
#include <span>

#include "so3/abi/sequence.hpp"
#include "so3/agency/loop/task.hpp"
#include "so3/agency/me/cooperation.hpp"
#include "so3/agency/me/dc_event.hpp"
#include "so3/agency/me/domcall.hpp"
#include "so3/agency/me/refusal.hpp"

namespace agency {

class Life {
 public:
  Life(const World& world, Residents& residents, Domcalls& domcalls, Cooperation& cooperation)
      : world_{world},
        residents_{&residents},
        domcalls_{&domcalls},
        cooperation_{&cooperation},
        dc_events_{world, residents} {}
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  using Result = std::expected<Done, Refusal>;

  // Steps of one of the sequences, in order, for an ME that the caller drives (Me::driven) and lets go afterwards. A
  // sequence with a snapshot is run in two parts, abi::before_snapshot and abi::after_snapshot. Done: they were all run,
  // or the ME rests (dormant) and the others are not for it.
  //
  // An error: the ME ended, a callback refused, or it did not answer. An ME that lived before and is not suspended goes
  // on living, and what was suspended of it is resumed when it is let go. Any other is reaped.
  Task<Result> run(std::shared_ptr<Me> me, std::span<const abi::Step> steps);

 private:
  Task<Result> step(std::shared_ptr<Me> me, abi::Step step);
  Task<Result> pre_activate(std::shared_ptr<Me> me);
  Task<Result> activate(std::shared_ptr<Me> me);
  Task<Result> live(std::shared_ptr<Me> me);
  Task<Result> no_step(abi::Step step);

  World world_;
  Residents* residents_;
  Domcalls* domcalls_;
  Cooperation* cooperation_;
  DcEvents dc_events_;
};

}  // namespace agency
