#include "so3/agency/me/agency_ctl.hpp"

#include <cstring>
#include <utility>

#include "so3/agency/text.hpp"

namespace agency {
namespace {

hypercall::Payload status(abi::Status s) { return {static_cast<std::uint64_t>(s)}; }

}  // namespace

hypercall::Payload AgencyCtl::serve(Me& me, std::uint32_t command, const hypercall::Payload& payload) const {
  switch (static_cast<abi::AgencyCtl>(command)) {
    case abi::AgencyCtl::agency_uid: return {0, place_->uid};
    case abi::AgencyCtl::soo_name: {
      hypercall::Payload answer{};
      std::memcpy(&answer[1], place_->name.data(), place_->name.size());
      return answer;
    }
    case abi::AgencyCtl::get_state: {
      if (payload[0] < abi::first_me_slot || payload[0] >= abi::max_domains) return status(abi::Status::bad_argument);
      const auto info = hypercall::domain_info(static_cast<std::uint32_t>(payload[0]));
      if (!info) return status(info.error());
      return {0, static_cast<std::uint64_t>(info->state)};
    }
    default: break;
  }
  if (!std::exchange(me.asked_unserved, true))  // once: it may ask for as long as it lives
    report_->say(text("ME %u asked for agency_ctl 0x%x, which this agency does not serve", me.slot, command));
  return status(abi::Status::not_supported);
}

}  // namespace agency
