// Every hypercall: who may make it, and what answers.
#include "so3/avz/domcall.hpp"
#include "so3/avz/hypercall.hpp"
#include "so3/avz/machine_calls.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/trace.hpp"
#include "so3/avz/trace_exits.hpp"

extern "C" {  // vectors.S
avz::Answer slow_call(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t);
avz::Answer wait_call(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t);
// context.S
avz::Answer domcall_run_call(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t);
avz::Answer domcall_return_call(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t);
}

namespace avz {
namespace {

using abi::Call;
using enum Caller;

struct CallEntry {
  Call call;
  Caller who;
  FastCall fast;  // one of these two, or a fast one that may turn out slow
  SlowCall slow;

  constexpr CallEntry(Call c, Caller w, FastCall f) : call{c}, who{w}, fast{f}, slow{nullptr} {}
  constexpr CallEntry(Call c, Caller w, SlowCall s) : call{c}, who{w}, fast{slow_call}, slow{s} {}
  constexpr CallEntry(Call c, Caller w, FastCall f, SlowCall s) : call{c}, who{w}, fast{f}, slow{s} {}
};

Answer denied(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t) {
  return {abi::Status::denied};
}
Answer not_supported(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t) {
  return {abi::Status::not_supported};
}
Answer trace_thread(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t) {
  return {abi::Status::ok};  // the trace has ended meanwhile
}
void refuse(Vcpu&, std::uint64_t (&x)[8]) { answer(x, abi::Status::denied); }

// clang-format off
constexpr CallEntry entries[] = {
  {Call::version,            any,    calls::version},
  {Call::console_write,      any,    calls::console_write},
  {Call::vcpu_yield,         any,    calls::vcpu_yield},
  {Call::vcpu_wait,          any,    wait_call, calls::vcpu_wait},
  {Call::vcpu_park,          any,    calls::vcpu_park},
  {Call::event_send,         any,    calls::event_send},
  {Call::event_alloc,        any,    calls::event_alloc},
  {Call::event_bind,         any,    calls::event_bind},
  {Call::event_close,        any,    calls::event_close},
  {Call::grant_access,       any,    calls::grant_access},
  {Call::grant_end,          any,    calls::grant_end},
  {Call::grant_map,          any,    calls::grant_map},
  {Call::grant_unmap,        any,    calls::grant_unmap},
  {Call::crash,              any,    calls::crash},
  {Call::set_state,          me,     calls::set_state},
  {Call::identity,           me,     calls::identity},
  {Call::domcall_register,   me,     calls::domcall_register},
  {Call::dc_event_done,      me,     calls::dc_event_done},
  {Call::domain_create,      agency, calls::domain_create},
  {Call::domain_load,        agency, calls::domain_load},
  {Call::domain_start,       agency, calls::domain_start},
  {Call::domain_destroy,     agency, calls::domain_destroy},
  {Call::domain_info,        agency, calls::domain_info},
  {Call::domain_set_state,   agency, calls::domain_set_state},
  {Call::domain_pause,       agency, calls::domain_pause},
  {Call::domain_unpause,     agency, calls::domain_unpause},
  {Call::domain_next_change, agency, calls::domain_next_change},
  {Call::domcall_run,        agency, domcall_run_call, calls::domcall_run},
  {Call::dc_event_post,      agency, calls::dc_event_post},
  {Call::dc_event_result,    agency, calls::dc_event_result},
  {Call::irq_bind,           agency, calls::irq_bind},
  {Call::irq_unmask,         agency, calls::irq_unmask},
  {Call::place_set,          agency, calls::place_set},
  {Call::machine_info,       agency, calls::machine_info},
  {Call::machine_off,        agency, calls::machine_off},
  {Call::snapshot_prepare,   agency, calls::snapshot_prepare},
  {Call::snapshot_freeze,    agency, calls::snapshot_freeze},
  {Call::snapshot_context,   agency, calls::snapshot_context},
  {Call::snapshot_pages,     agency, calls::snapshot_pages},
  {Call::snapshot_end,       agency, calls::snapshot_end},
  {Call::domain_restore,     agency, calls::domain_restore},
  {Call::domain_identity,    agency, calls::domain_identity},
  {Call::page_lend,          agency, calls::page_lend},
  {Call::page_return,        agency, calls::page_return},
  {Call::trace_thread,       any,    trace_thread},
  {Call::trace_control,      agency, calls::trace_control},
  {Call::trace_read,         agency, calls::trace_read},
};

// What is different while an ME's code runs in a domcall.
constexpr CallEntry in_domcall[] = {
  {Call::vcpu_yield,         me,     calls::nothing_to_do},
  {Call::vcpu_wait,          me,     calls::wait_in_domcall},
  {Call::vcpu_park,          me,     calls::nothing_to_do},
  {Call::crash,              me,     calls::crash_in_domcall},
  {Call::set_state,          me,     calls::set_state_in_domcall},
  {Call::domcall_register,   me,     refuse},
  {Call::domcall_return,     me,     domcall_return_call, calls::domcall_return},
  {Call::domcall_request,    me,     calls::domcall_request},
};
// clang-format on

constexpr void put(CallTable& table, const CallEntry& e) {
  const auto i = static_cast<std::size_t>(e.call);
  table.fast[i] = e.fast;
  table.slow[i] = e.slow == nullptr ? refuse : e.slow;
}

constexpr CallTable table_for(Caller role) {
  CallTable table{};
  table.fast.fill(not_supported);
  table.slow.fill(refuse);
  for (const auto c : {Call::domcall_return, Call::domcall_request}) table.fast[static_cast<std::size_t>(c)] = denied;
  for (const auto& e : entries) {
    if (e.who == any || e.who == role) put(table, e);
    else table.fast[static_cast<std::size_t>(e.call)] = denied;
  }
  return table;
}

constexpr CallTable domcall_table() {
  CallTable table = table_for(me);
  for (const auto& e : in_domcall) put(table, e);
  return table;
}

constexpr CallTable silent(CallTable table, const CallTable& self, const CallTable& traced) {
  table.silent = &self;
  table.traced = &traced;
  return table;
}

// Not functions that a function of C++ could call: they go on with the registers as the vector found them.
constexpr bool in_assembly(FastCall f) {
  return f == slow_call || f == wait_call || f == domcall_run_call || f == domcall_return_call;
}

// What is fast by assembly is slow then.
constexpr CallTable traced(CallTable table, const CallTable& silent, const CallTable& self) {
  table.silent = &silent;
  table.traced = &self;
  for (auto& fast : table.fast) fast = in_assembly(fast) ? traced_slow_call : traced_fast_call;
  table.fast[static_cast<std::size_t>(Call::trace_thread)] = traced_thread_switch;
  table.fast[static_cast<std::size_t>(Call::trace_read)] = slow_call;  // or a trace would be full of itself
  return table;
}

}  // namespace

constinit const CallTable agency_calls = silent(table_for(agency), agency_calls, traced_agency_calls);
constinit const CallTable me_calls = silent(table_for(me), me_calls, traced_me_calls);
constinit const CallTable domcall_calls = silent(domcall_table(), domcall_calls, traced_domcall_calls);
constinit const CallTable traced_agency_calls = traced(table_for(agency), agency_calls, traced_agency_calls);
constinit const CallTable traced_me_calls = traced(table_for(me), me_calls, traced_me_calls);
constinit const CallTable traced_domcall_calls = traced(domcall_table(), domcall_calls, traced_domcall_calls);

}  // namespace avz
