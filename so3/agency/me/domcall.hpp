// Running a domcall to its end, serving what the ME asks in between.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "so3/agency/loop/task.hpp"
#include "so3/agency/me/agency_ctl.hpp"
#include "so3/agency/me/residents.hpp"

namespace agency {

struct DomcallAnswer {
  std::int32_t value;          // what the callback returned
  hypercall::Payload payload;  // x2..x7 after it
};

class Domcalls {
 public:
  Domcalls(const World& world, Residents& residents, const AgencyCtl& agency_ctl)
      : world_{world}, residents_{&residents}, agency_ctl_{&agency_ctl} {}

  // The ME is reaped if it died of the call; the error is a sentence about it. `report_detail` as in link::Callback.
  Task<std::expected<DomcallAnswer, std::string>> run(std::shared_ptr<Me> me, abi::Domcall domcall,
                                                      hypercall::Payload payload = {}, std::uint32_t report_detail = 0);

 private:
  World world_;
  Residents* residents_;
  const AgencyCtl* agency_ctl_;
};

}  // namespace agency
