// Cooperation: an ME that comes (or asks to) is brought together with those that are here, one after the other. What
// becomes of them is theirs to decide; whoever is killed or terminated by it ends when it is over.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <vector>

#include "so3/agency/loop/task.hpp"
#include "so3/agency/loop/turns.hpp"
#include "so3/agency/me/domcall.hpp"
#include "so3/agency/me/refusal.hpp"

namespace agency {

class Cooperation {
 public:
  Cooperation(const World& world, Residents& residents, Domcalls& domcalls)
      : world_{world}, residents_{&residents}, domcalls_{&domcalls}, turns_{world.bells} {}

  using Result = std::expected<Done, Refusal>;

  // cb_cooperate of the initiator, once per eligible resident (willing to cooperate, or of the same species), or once
  // alone if there is none; not at all if all of those are in another sequence for too long. The caller drives the
  // initiator. Refused when it ended of it; whether it rests now is in its state.
  Task<Result> run(std::shared_ptr<Me> initiator);

  // The same for an ME that lives, at the request of a thread of it. busy: all that are eligible are in another sequence.
  Task<Result> run_local(std::shared_ptr<Me> initiator);

  // What an initiator shows its target.
  struct Page {
    std::uint64_t ipa = 0;  // 0: none
    std::uint32_t used = 0, version = 0;
  };
  // cb_cooperate of the ME in `slot` as target, which sees the page until it returns. Refused with a sentence.
  Task<Result> call_target(const Caller& caller, std::uint64_t slot, Page page);

  // cb_kill_me of the ME in `slot`. Done: it is killed now, and ends with the domcall or the sequence it is in.
  Task<Result> ask_to_die(const Caller& caller, std::uint64_t slot);

 private:
  class Taken;
  Task<Result> call_each(std::shared_ptr<Me> initiator, Taken& taken);
  Task<Result> call_initiator(std::shared_ptr<Me> initiator, std::shared_ptr<Me> target);
  Task<Result> call_with_page(const Caller& caller, std::shared_ptr<Me> target, Page page);
  Task<Result> call_with_page_lent(const Caller& caller, std::shared_ptr<Me> target, Page page);
  // True: somebody who is eligible is left out.
  Task<bool> take_peers(const Me& initiator, Taken& taken);
  bool is_part(const Caller& caller) const;
  std::expected<std::shared_ptr<Me>, Refusal> find_other(const Caller& caller, std::uint64_t slot) const;

  World world_;
  Residents* residents_;
  Domcalls* domcalls_;
  Turns turns_;  // one cooperation at a time: each drives all that take part in it
  Taken* taken_ = nullptr;  // by the present one
};

}  // namespace agency
