// Running a domcall to its end, serving what the ME asks in between: perhaps with a domcall in another ME.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "so3/agency/loop/task.hpp"
#include "so3/agency/loop/turns.hpp"
#include "so3/agency/me/agency_ctl.hpp"
#include "so3/agency/me/caller.hpp"
#include "so3/agency/me/refusal.hpp"
#include "so3/agency/me/residents.hpp"

namespace agency {

struct DomcallAnswer {
  std::int32_t value;          // what the callback returned
  hypercall::Payload payload;  // x2..x7 after it
};

class Domcalls {
 public:
  // avz sets aside as many. A resume goes to the innermost domcall of an ME, so those that do not belong to each other
  // take turns.
  static constexpr std::uint32_t depth_max = 16;

  Domcalls(const World& world, Residents& residents, AgencyCtl& agency_ctl)
      : world_{world}, residents_{&residents}, agency_ctl_{&agency_ctl}, turns_{world.bells} {}

  // The ME is reaped if it died of the call; the error is a sentence about it. `report_detail` as in link::Callback;
  // `partner` in a cooperation.
  using Answer = std::expected<DomcallAnswer, std::string>;
  Task<Answer> run(std::shared_ptr<Me> me, abi::Domcall domcall, hypercall::Payload payload = {},
                   std::uint32_t report_detail = 0, std::shared_ptr<Me> partner = nullptr);

  // The same for what `outer` asked for. Ask may_nest() first.
  Task<Answer> run_for(const Caller& outer, std::shared_ptr<Me> me, abi::Domcall domcall,
                       hypercall::Payload payload = {}, std::uint32_t report_detail = 0,
                       std::shared_ptr<Me> partner = nullptr);
  std::optional<Refusal> may_nest(const Caller& outer, const Me& me) const;

 private:
  Task<Answer> call(const Caller& self, hypercall::Payload payload, std::uint32_t report_detail);

  World world_;
  Residents* residents_;
  AgencyCtl* agency_ctl_;
  Turns turns_;
};

}  // namespace agency
