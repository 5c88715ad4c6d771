#include <me/me.hpp>

#include <cstring>

#include "libme/shared_page.hpp"
#include "so3/abi/agency_ctl.hpp"
#include "so3/abi/devcaps.hpp"
#include "so3/guest/hypercall.hpp"
#include "so3/guest/store/service.hpp"
#include "so3/kernel/include/so3/domcall.h"
#include "so3/kernel/shared.hpp"
#include "so3/kernel/wait_queue.hpp"

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
    case AgencyCtl::cooperate: {
      const auto& coop = args.u.cooperate_args;
      const bool said = coop.page_bytes != 0 || coop.page_version != 0;
      const auto layout = said ? me::PageLayout{coop.page_bytes, coop.page_version} : me::layout_of(coop.pfn);
      return {args.slotID, coop.pfn * abi::page_size, layout.bytes | std::uint64_t{layout.version} << 32};
    }
    case AgencyCtl::check_devcaps_class: return {abi::devcaps::class_of(args.u.devcaps_args.devcaps_class)};
    case AgencyCtl::check_devcaps:
      return {abi::devcaps::class_of(args.u.devcaps_args.devcaps_class), args.u.devcaps_args.devcaps};
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
  if (in_domcall()) {
    const auto answer = hypercall::domcall_request(args->cmd, question(*args));
    return static_cast<int>(answer ? take_answer(*answer, *args) : answer.error());
  }
  guest::StoreClient* const store = guest::store();
  if (store == nullptr || !kernel::may_block()) return ME_ESTATE;
  const auto answer = store->agency_ctl(args->cmd, question(*args));
  return answer ? static_cast<int>(take_answer(*answer, *args)) : static_cast<int>(answer.error());
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

Result<void> cooperate_with(std::uint32_t slot, const void* page, std::uint32_t bytes, std::uint32_t version) {
  const auto address = reinterpret_cast<std::uintptr_t>(page);
  if (address % abi::page_size != 0 || bytes > abi::page_size) return std::unexpected{Error::invalid};
  agency_ctl_args_t args{.slotID = slot, .cmd = AG_COOPERATE, .u = {}};
  args.u.cooperate_args.pfn = address / abi::page_size;
  args.u.cooperate_args.page_bytes = bytes;
  args.u.cooperate_args.page_version = version;
  return ask(args);
}

Result<void> cooperate_locally() {
  agency_ctl_args_t args{.slotID = ME_domID(), .cmd = AG_LOCAL_COOPERATE, .u = {}};
  return ask(args);
}

Result<void> kill(std::uint32_t slot) {
  agency_ctl_args_t args{.slotID = slot, .cmd = AG_KILL_ME, .u = {}};
  return ask(args);
}

Result<bool> has_device_class(std::uint32_t device_class) {
  agency_ctl_args_t args{.slotID = ME_domID(), .cmd = AG_CHECK_DEVCAPS_CLASS, .u = {}};
  args.u.devcaps_args.devcaps_class = device_class;
  if (const auto asked = ask(args); !asked) return std::unexpected{asked.error()};
  return args.u.devcaps_args.supported;
}

Result<bool> has_devices(std::uint32_t device_class, std::uint32_t attributes) {
  agency_ctl_args_t args{.slotID = ME_domID(), .cmd = AG_CHECK_DEVCAPS, .u = {}};
  args.u.devcaps_args.devcaps_class = device_class;
  args.u.devcaps_args.devcaps = attributes;
  if (const auto asked = ask(args); !asked) return std::unexpected{asked.error()};
  return args.u.devcaps_args.supported;
}

Result<void> Cooperation::cooperate(const void* page, std::uint32_t bytes, std::uint32_t version) const {
  if (role() != Role::initiator || alone()) return std::unexpected{Error::wrong_state};
  return cooperate_with(peer().slotID, page, bytes, version);
}

Result<void> Cooperation::kill_peer() const {
  if (alone()) return std::unexpected{Error::wrong_state};
  return kill(peer().slotID);
}

}  // namespace me
