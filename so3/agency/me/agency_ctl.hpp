// What an ME asks of the agency while a domcall of it runs.
#pragma once
#include <array>
#include <cstdint>
#include <memory>

#include "so3/abi/agency_ctl.hpp"
#include "so3/agency/loop/task.hpp"
#include "so3/agency/me/me.hpp"
#include "so3/agency/me/report.hpp"
#include "so3/guest/hypercall.hpp"

namespace agency {

// Who this smart object is; unknown until the engine said so.
struct Place {
  std::uint64_t uid = 0;
  std::array<char, 16> name{};
};

class AgencyCtl {
 public:
  AgencyCtl(const Place& place, Report& report) : place_{&place}, report_{&report} {}
  // The answer's first word is the status.
  Task<hypercall::Payload> serve(std::shared_ptr<Me> me, std::uint32_t command, hypercall::Payload payload) const;

 private:
  const Place* place_;
  Report* report_;
};

}  // namespace agency
