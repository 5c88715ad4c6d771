#include "so3/agency/me/agency_ctl.hpp"

#include <cstring>
#include <utility>

#include "so3/agency/text.hpp"

namespace agency {
namespace {

using hypercall::Payload;

Payload status(abi::Status s) { return {static_cast<std::uint64_t>(s)}; }

}  // namespace

Task<Payload> AgencyCtl::serve(std::shared_ptr<Me> me, std::uint32_t command, Payload payload) const {
  switch (static_cast<abi::AgencyCtl>(command)) {
    case abi::AgencyCtl::agency_uid: co_return Payload{0, place_->uid};
    case abi::AgencyCtl::soo_name: {
      Payload answer{};
      std::memcpy(&answer[1], place_->name.data(), place_->name.size());
      co_return answer;
    }
    case abi::AgencyCtl::get_state: {
      if (payload[0] < abi::first_me_slot || payload[0] >= abi::max_domains)
        co_return status(abi::Status::bad_argument);
      const auto info = hypercall::domain_info(static_cast<std::uint32_t>(payload[0]));
      if (!info) co_return status(info.error());
      co_return Payload{0, static_cast<std::uint64_t>(info->state)};
    }
    default: break;
  }
  if (!std::exchange(me->asked_unserved, true))  // once: it may ask for as long as it lives
    report_->say(text("ME %u asked for agency_ctl 0x%x, which this agency does not serve", me->slot, command));
  co_return status(abi::Status::not_supported);
}

}  // namespace agency
