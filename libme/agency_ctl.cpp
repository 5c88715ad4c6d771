#include <me/me.hpp>

#include <cstring>

#include "so3/abi/agency_ctl.hpp"
#include "so3/guest/hypercall.hpp"
#include "so3/kernel/include/so3/domcall.h"
#include "so3/kernel/shared.hpp"

namespace {

using abi::AgencyCtl;
using abi::Status;

static_assert(AG_KILL_ME == static_cast<int>(AgencyCtl::kill_me) &&
              AG_GET_STATE == static_cast<int>(AgencyCtl::get_state));
static_assert(AG_AGENCY_UID == static_cast<int>(AgencyCtl::agency_uid) &&
              AG_SOO_NAME == static_cast<int>(AgencyCtl::soo_name));

// What the shared page answers anywhere. False: the agency has to be asked.
bool answer_here(agency_ctl_args_t& args) {
  const auto& shared = kernel::shared();
  std::uint64_t uid;
  switch (static_cast<AgencyCtl>(args.cmd)) {
    case AgencyCtl::agency_uid: args.u.agencyUID = kernel::read_shared(shared.agency_uid); return true;
    case AgencyCtl::soo_name:
      do {
        uid = kernel::read_shared(shared.agency_uid);
        std::memcpy(args.u.soo_name, shared.soo_name, sizeof args.u.soo_name);
      } while (uid != kernel::read_shared(shared.agency_uid));  // it moved in between
      args.u.soo_name[sizeof args.u.soo_name - 1] = '\0';
      return true;
    case AgencyCtl::get_state:
      if (args.slotID != ME_domID()) return false;
      args.u.state = static_cast<ME_state_t>(get_ME_state());
      return true;
    default: return false;
  }
}

hypercall::Payload question(const agency_ctl_args_t& args) {
  switch (static_cast<AgencyCtl>(args.cmd)) {
    case AgencyCtl::cooperate: return {args.slotID, args.u.cooperate_args.pfn * abi::page_size};
    case AgencyCtl::check_devcaps_class: return {args.u.devcaps_args.devcaps_class};
    case AgencyCtl::check_devcaps: return {args.u.devcaps_args.devcaps_class, args.u.devcaps_args.devcaps};
    default: return {args.slotID};
  }
}

Status take_answer(const hypercall::Payload& answer, agency_ctl_args_t& args) {
  const auto status = static_cast<Status>(answer[0]);
  if (status != Status::ok) return status;
  switch (static_cast<AgencyCtl>(args.cmd)) {
    case AgencyCtl::check_devcaps_class:
    case AgencyCtl::check_devcaps: args.u.devcaps_args.supported = answer[1] != 0; break;
    case AgencyCtl::get_state:
      if (!abi::state_from(answer[1])) return Status::not_supported;
      args.u.state = static_cast<ME_state_t>(answer[1]);
      break;
    default: break;
  }
  return Status::ok;
}

}  // namespace

int agency_ctl(agency_ctl_args_t* args) {
  if (answer_here(*args)) return ME_OK;
  if (!in_domcall()) return ME_ESTATE;
  const auto answer = hypercall::domcall_request(args->cmd, question(*args));
  return static_cast<int>(answer ? take_answer(*answer, *args) : answer.error());
}

namespace me {
namespace {

Result<void> ask(agency_ctl_args_t& args) {
  if (const int status = agency_ctl(&args); status != ME_OK) return std::unexpected{static_cast<Error>(status)};
  return {};
}

}  // namespace

Result<AgencyUid> agency_uid() {
  agency_ctl_args_t args{.slotID = ME_domID(), .cmd = AG_AGENCY_UID, .u = {}};
  if (const auto asked = ask(args); !asked) return std::unexpected{asked.error()};
  if (args.u.agencyUID == 0) return std::unexpected{Error::not_found};  // the engine has not said yet
  return AgencyUid{args.u.agencyUID};
}

Result<State> state_of(std::uint32_t slot) {
  agency_ctl_args_t args{.slotID = slot, .cmd = AG_GET_STATE, .u = {}};
  if (const auto asked = ask(args); !asked) return std::unexpected{asked.error()};
  return static_cast<State>(args.u.state);
}

Result<void> Cooperation::cooperate(const void* page) const {
  if (role() != Role::initiator || alone()) return std::unexpected{Error::wrong_state};
  const auto address = reinterpret_cast<std::uintptr_t>(page);
  if (address % abi::page_size != 0) return std::unexpected{Error::invalid};
  agency_ctl_args_t args{.slotID = peer().slotID, .cmd = AG_COOPERATE, .u = {}};
  args.u.cooperate_args.pfn = address / abi::page_size;
  return ask(args);
}

Result<void> Cooperation::kill_peer() const {
  if (alone()) return std::unexpected{Error::wrong_state};
  agency_ctl_args_t args{.slotID = peer().slotID, .cmd = AG_KILL_ME, .u = {}};
  return ask(args);
}

}  // namespace me
