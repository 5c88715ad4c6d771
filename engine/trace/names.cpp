#include "engine/trace/names.hpp"

#include <array>

#include "so3/abi/callbacks.hpp"
#include "so3/abi/hypercall.hpp"
#include "so3/abi/transfer.hpp"

namespace engine::trace {
namespace {

struct NamedCall {
  abi::Call call;
  std::string_view name;
};
#define NAMED(call) \
  NamedCall { abi::Call::call, #call }
constexpr NamedCall named[] = {NAMED(version),
                               NAMED(console_write),
                               NAMED(vcpu_yield),
                               NAMED(vcpu_wait),
                               NAMED(vcpu_park),
                               NAMED(event_send),
                               NAMED(event_alloc),
                               NAMED(event_bind),
                               NAMED(event_close),
                               NAMED(grant_access),
                               NAMED(grant_end),
                               NAMED(grant_map),
                               NAMED(grant_unmap),
                               NAMED(crash),
                               NAMED(set_state),
                               NAMED(identity),
                               NAMED(domcall_register),
                               NAMED(domcall_return),
                               NAMED(domcall_request),
                               NAMED(dc_event_done),
                               NAMED(domain_create),
                               NAMED(domain_load),
                               NAMED(domain_start),
                               NAMED(domain_destroy),
                               NAMED(domain_info),
                               NAMED(domain_set_state),
                               NAMED(domain_pause),
                               NAMED(domain_unpause),
                               NAMED(domain_next_change),
                               NAMED(domcall_run),
                               NAMED(dc_event_post),
                               NAMED(dc_event_result),
                               NAMED(irq_bind),
                               NAMED(irq_unmask),
                               NAMED(place_set),
                               NAMED(machine_info),
                               NAMED(machine_off),
                               NAMED(trace_thread),
                               NAMED(snapshot_prepare),
                               NAMED(snapshot_freeze),
                               NAMED(snapshot_context),
                               NAMED(snapshot_pages),
                               NAMED(snapshot_end),
                               NAMED(domain_restore),
                               NAMED(page_lend),
                               NAMED(page_return),
                               NAMED(trace_control),
                               NAMED(trace_read),
                               NAMED(domain_identity)};
#undef NAMED

constexpr auto names = [] {
  std::array<std::string_view, abi::call_count> all{};
  for (auto& name : all) name = "unknown call";
  for (const auto& n : named) all[static_cast<std::size_t>(n.call)] = n.name;
  return all;
}();

constexpr std::uint32_t cooperate = static_cast<std::uint32_t>(abi::Domcall::cooperate);  // kind 0: a domcall

}  // namespace

std::string_view call_name(std::uint32_t number) { return number < names.size() ? names[number] : "unknown call"; }

std::string_view outcome_name(std::uint32_t outcome) {
  constexpr std::string_view all[] = {"done", "request", "fault", "over budget"};
  return outcome < std::size(all) ? all[outcome] : "unknown outcome";
}

std::string_view callback_name(std::uint32_t number) {
  switch (number >> 16) {
    case 0: return abi::name(static_cast<abi::Domcall>(number & 0xffff));
    case 1: return abi::name(static_cast<abi::DcEvent>(number & 0xffff));
    case 2: return "callbacks_init";
    default: return "unknown callback";
  }
}

std::string cooperation_detail(std::uint32_t number, std::uint64_t detail) {
  if (number != cooperate) return {};
  const auto role = static_cast<abi::Role>(detail & 0xff);
  if (role == abi::Role::target) return " as target";
  return (detail >> 8 & 1) != 0 ? " alone" : " as initiator";
}

std::string_view sender_name(std::uint32_t state) {
  return state <= static_cast<std::uint32_t>(abi::transfer::Sender::done)
             ? name(static_cast<abi::transfer::Sender>(state))
             : "unknown state";
}

std::string_view receiver_name(std::uint32_t state) {
  return state <= static_cast<std::uint32_t>(abi::transfer::Receiver::cancelled)
             ? name(static_cast<abi::transfer::Receiver>(state))
             : "unknown state";
}

bool ends(bool incoming, std::uint32_t state) {
  return incoming ? state >= static_cast<std::uint32_t>(abi::transfer::Receiver::arrived)
                  : state == static_cast<std::uint32_t>(abi::transfer::Sender::done);
}

}  // namespace engine::trace
