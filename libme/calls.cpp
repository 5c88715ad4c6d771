#include "libme/calls.hpp"

#include <me/me.h>

#include "libme/activation.hpp"
#include "libme/identity.hpp"
#include "libme/shared_page.hpp"
#include "so3/guest/last_words.hpp"
#include "so3/kernel/coverage.hpp"
#include "so3/kernel/include/so3/printk.h"
#include "so3/kernel/timers.hpp"

namespace me {
namespace {

soo_domcall_arg_t arguments(int cmd) { return {.cmd = cmd, .slotID = ME_domID(), .u = {}, .__agency_ctl = agency_ctl}; }

std::uint32_t low(std::uint64_t word) { return static_cast<std::uint32_t>(word); }
std::uint32_t high(std::uint64_t word) { return static_cast<std::uint32_t>(word >> 32); }

// Layout: abi::Domcall::cooperate.
cooperate_args_t cooperation(const hypercall::Payload& words) {
  const coop_t peer{.slotID = low(words[1]),
                    .spid = words[2],
                    .spad = {.valid = (high(words[1]) & 1) != 0, .spadcaps = words[3]},
                    .pfn = words[4] / abi::page_size,
                    .page_bytes = low(words[5]),
                    .page_version = high(words[5])};
  cooperate_args_t args{.role = static_cast<int>(low(words[0])), .alone = (high(words[0]) & 1) != 0, .u = {}};
  if (args.role == COOPERATE_INITIATOR) args.u.target_coop = peer;
  else args.u.initiator_coop = peer, check_page(args.u.initiator_coop);
  return args;
}

guest::DomcallAnswer pre_propagate() {
  auto args = arguments(CB_PRE_PROPAGATE);
  args.u.pre_propagate_args.propagate_status = PROPAGATE_STATUS_NO;
  const int value = cb_pre_propagate(&args);
  // Only what says YES in full is one.
  const bool yes = value == 0 && args.u.pre_propagate_args.propagate_status == PROPAGATE_STATUS_YES;
  return {.value = value, .words = {yes ? std::uint64_t{PROPAGATE_STATUS_YES} : std::uint64_t{PROPAGATE_STATUS_NO}}};
}

guest::DomcallAnswer pre_activate() {
  publish_identity();  // on arrival avz knows nothing of this ME yet
  auto args = arguments(CB_PRE_ACTIVATE);
  const int value = cb_pre_activate(&args);
  if (value != 0) guest::last_words();  // the agency ends an ME that does not want to be here
  return {.value = value};
}

guest::DomcallAnswer cooperate(const hypercall::Payload& words) {
  auto args = arguments(CB_COOPERATE);
  args.u.cooperate_args = cooperation(words);
  return {.value = cb_cooperate(&args)};
}

guest::DomcallAnswer kill_me() {
  auto args = arguments(CB_KILL_ME);
  return {.value = cb_kill_me(&args)};
}

int call(int (*callback)(soo_domcall_arg_t*), int cmd) {
  auto args = arguments(cmd);
  return callback(&args);
}

}  // namespace

guest::DomcallAnswer run_domcall(abi::Domcall number, const hypercall::Payload& words) {
  switch (number) {
    case abi::Domcall::pre_propagate: return pre_propagate();
    case abi::Domcall::pre_activate: return pre_activate();
    case abi::Domcall::cooperate: return cooperate(words);
    case abi::Domcall::kill_me: return kill_me();
    case abi::Domcall::resume:
    case abi::Domcall::null: break;
  }
  return {.value = ME_ENOTSUP};
}

std::int32_t run_dc_event(abi::DcEvent event, std::uint32_t argument) {
  const auto number = [](abi::Status status) { return static_cast<std::int32_t>(status); };
  switch (event) {
    case abi::DcEvent::activate: return number(activate());
    case abi::DcEvent::suspend: return number(suspend());
    case abi::DcEvent::resume:
      if (argument == static_cast<std::uint32_t>(abi::ResumeAt::same_place)) return number(resume());
      if (argument == static_cast<std::uint32_t>(abi::ResumeAt::new_place)) return number(arrive());
      break;
    case abi::DcEvent::close: {
      const auto closed = close();
      kernel::print_coverage();  // with the answer this ME ends
      return number(closed);
    }
    case abi::DcEvent::pre_suspend: return call(cb_pre_suspend, CB_PRE_SUSPEND);
    case abi::DcEvent::pre_resume: kernel::renew_timer(); return call(cb_pre_resume, CB_PRE_RESUME);
    case abi::DcEvent::post_activate: return call(cb_post_activate, CB_POST_ACTIVATE);
    case abi::DcEvent::force_terminate: return cb_force_terminate();
    default: break;
  }
  printk(KERN_WARNING "dc_event %u (%s), argument %u: not known to this ME\n", static_cast<unsigned>(event),
         abi::name(event).data(), argument);
  return ME_ENOTSUP;
}

}  // namespace me
