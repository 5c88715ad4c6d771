// What an ME goes through: the sequences of abi/sequence.hpp, run step by step as they stand there.
#pragma once
#include <cstdint>
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
  // How long an ME may take for a dc_event, and its frontends to suspend or resume, unless set_patience() says else.
  static constexpr std::uint64_t patience = 10'000 * ms;

  Life(const World& world, Residents& residents, Domcalls& domcalls, Cooperation& cooperation);
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  void set_patience(std::uint64_t ns) { patience_ = ns; }

  using Result = std::expected<Done, Refusal>;

  // Steps of one of the sequences, in order, for an ME that the caller drives (Me::driven) and lets go afterwards. A
  // sequence with a snapshot is run in two parts, abi::before_snapshot and abi::after_snapshot; what they are in outlives
  // the ME. Done: all were run that are for it; an ME that rests (dormant) has but few of them.
  //
  // An error: `denied`, a callback of its own does not want (cb_pre_propagate answered NO, cb_pre_suspend is not 0). Any
  // other: it ended, or it or a frontend did not do its part in time. Before a snapshot the ME lives on, if it did not
  // end; what is suspended of it is resumed once it is let go. In any other step it has been reaped.
  Task<Result> run(std::shared_ptr<Me> me, std::span<const abi::Step> steps);

 private:
  Task<Result> step(std::shared_ptr<Me> me, abi::Step step);
  Result ended(Me& me, abi::Step step) const;
  void fail(const std::shared_ptr<Me>& me, abi::Step step, const Refusal& why);

  Task<Result> pre_propagate(std::shared_ptr<Me> me);
  Task<Result> pre_activate(std::shared_ptr<Me> me);
  Task<Result> pre_suspend(std::shared_ptr<Me> me);
  Task<Result> suspend(std::shared_ptr<Me> me);
  Task<Result> pre_resume(std::shared_ptr<Me> me);
  Task<Result> resume(std::shared_ptr<Me> me);
  Task<Result> post_activate(std::shared_ptr<Me> me);
  Task<Result> activate(std::shared_ptr<Me> me);
  Task<Result> live(std::shared_ptr<Me> me);
  Task<Result> no_step(abi::Step step);

  using Answer = std::expected<std::int32_t, Refusal>;
  Task<Answer> ask(std::shared_ptr<Me> me, abi::DcEvent event, std::uint32_t argument = 0, bool connects = false);
  Task<Result> frontends_settle(std::shared_ptr<Me> me, abi::Step step);
  Task<Result> pause(std::shared_ptr<Me> me);
  Result unpause(Me& me);

  // It went to rest or woke by itself.
  Task<Done> settle(std::shared_ptr<Me> me);
  Task<Done> rest(std::shared_ptr<Me> me);
  Task<Result> wake(std::shared_ptr<Me> me);

  World world_;
  Residents* residents_;
  Domcalls* domcalls_;
  Cooperation* cooperation_;
  DcEvents dc_events_;
  std::uint64_t patience_ = patience;
};

}  // namespace agency
