// What MEs ask of the agency (abi/agency_ctl.hpp): in a domcall, or from a thread through the store page.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <memory>

#include "so3/abi/agency_ctl.hpp"
#include "so3/abi/vbstore.hpp"
#include "so3/agency/loop/loop.hpp"
#include "so3/agency/loop/task.hpp"
#include "so3/agency/loop/turns.hpp"
#include "so3/agency/me/caller.hpp"
#include "so3/agency/me/refusal.hpp"
#include "so3/agency/me/report.hpp"
#include "so3/guest/hypercall.hpp"

namespace agency {

class Bus;
class Cooperation;

// Who this smart object is; unknown until the engine said so.
struct Place {
  std::uint64_t uid = 0;
  std::array<char, 16> name{};
};

class AgencyCtl {
 public:
  AgencyCtl(Loop& loop, Doorbells& bells, const Place& place, const Bus& bus, Cooperation& cooperation, Report& report)
      : loop_{&loop}, place_{&place}, bus_{&bus}, cooperation_{&cooperation}, report_{&report}, turns_{bells} {}

  // What a thread asks, answered through the ME's store page.
  void serve_thread(const std::shared_ptr<Me>& me, std::uint32_t id, const abi::vbstore::AgencyCtlWords& words);

  // The answer's first word is the status. `caller` stays until then.
  Task<hypercall::Payload> serve(const Caller& caller, std::uint32_t command, hypercall::Payload payload);

 private:
  Task<Done> answer_thread(std::shared_ptr<Me> me, std::uint32_t id, abi::vbstore::AgencyCtlWords words);
  using Answer = std::expected<hypercall::Payload, Refusal>;
  Task<Answer> call(const Caller& caller, std::uint32_t command, hypercall::Payload payload);
  // Callbacks run on the agency's CPU, and threads may ask for them without end: one ask of each ME at a time, in order,
  // and after each the agency has as much time for everything else as it took.
  Task<Answer> call_in_turn(const Caller& thread, std::uint32_t command, hypercall::Payload payload);
  Answer answer(std::uint32_t command, const hypercall::Payload& payload) const;
  void tell(Me& me, std::uint32_t command, const Refusal& refusal);

  Loop* loop_;
  const Place* place_;
  const Bus* bus_;
  Cooperation* cooperation_;
  Report* report_;
  Turns turns_;
  std::uint64_t not_before_ = 0;
};

}  // namespace agency
