#include "fake_avz.hpp"

#include <utility>

#include "so3/arch/host/machine.hpp"
#include "so3/guest/events.hpp"

namespace agency {
namespace {

using abi::Call;
using abi::State;
using abi::Status;
using hypercall::Answer;

Answer status(Status s) { return {static_cast<std::uint64_t>(s), {}}; }
Answer value(std::uint64_t x1) { return {0, {0, x1}}; }

abi::SharedPage page;

}  // namespace

FakeAvz::FakeAvz() : previous_{std::exchange(hypercall::hypervisor, this)} { arch::host::reset(); }

FakeAvz::~FakeAvz() {
  guest::events().clear(abi::port_control);
  for (const auto& [remote, port] : bound) guest::events().clear(port);
  hypercall::hypervisor = previous_;
}

void FakeAvz::set(std::uint32_t slot, State state) {
  domains.at(slot).state = state;
  changed(slot);
}

void FakeAvz::crash(std::uint32_t slot, abi::CrashReason reason) {
  domains.at(slot).crash = reason;
  set(slot, State::dead);
}

void FakeAvz::answer(std::uint32_t slot, abi::DcEvent event, std::int32_t result) {
  auto& d = domains.at(slot);
  d.posted = abi::DcEvent::none;
  d.answered = event;
  d.result = result;
  changed(slot);
}

void FakeAvz::changed(std::uint32_t slot) {
  changes_.push_back(slot);
  signal(abi::port_control);
}

void FakeAvz::signal(std::uint32_t local_port) {
  page.pending[local_port / 64] |= std::uint64_t{1} << local_port % 64;
  page.selector |= std::uint64_t{1} << local_port / 64;
  guest::events().dispatch(page);
}

Answer FakeAvz::call(Call call, const hypercall::Arguments& a) {
  if (const auto failure = fail(call)) return status(*failure);
  switch (call) {
    case Call::domain_create: return create(a);
    case Call::domain_next_change: {
      if (changes_.empty()) return value(0);
      const auto slot = changes_.front();
      changes_.pop_front();
      return value(slot);
    }
    case Call::machine_info: return {0, {0, free_bytes / abi::page_size, 32768, 4, domains.size()}};
    case Call::machine_off: off = static_cast<std::uint32_t>(a[1]); throw 0;
    case Call::grant_map: mapped[{static_cast<std::uint32_t>(a[1]), a[2]}] = a[3]; return value(0);
    case Call::grant_unmap:
      std::erase_if(mapped, [&](const auto& m) { return m.second == a[1]; });
      trace.push_back("unmap");
      return value(0);
    case Call::event_bind: bound[{static_cast<std::uint32_t>(a[1]), a[2]}] = next_port_; return value(next_port_++);
    case Call::event_send: sent.push_back(static_cast<std::uint32_t>(a[1])); return value(0);
    case Call::trace_control: traced = a[1]; return value(0);
    case Call::trace_read: return read_trace(a);
    case Call::event_close:
    case Call::place_set:
    case Call::irq_unmask: return value(0);
    default: break;
  }
  const auto slot = static_cast<std::uint32_t>(a[1]);
  const auto found = domains.find(slot);
  if (found == domains.end()) return status(Status::not_found);
  return domain_call(call, a, slot, found->second);
}

Answer FakeAvz::read_trace(const hypercall::Arguments& a) {
  if (traced == 0) return status(Status::bad_state);
  auto* const to = reinterpret_cast<abi::trace::Record*>(a[1]);
  std::uint64_t n = 0;
  for (; n < a[2] / sizeof *to && !records.empty(); records.pop_front()) to[n++] = records.front();
  return {0, {0, n * sizeof *to, std::exchange(records_lost, 0)}};
}

Answer FakeAvz::create(const hypercall::Arguments& a) {
  if (domains.size() == slots) return status(Status::no_slot);
  if (a[1] > free_bytes) return status(Status::no_memory);
  std::uint32_t slot = abi::first_me_slot;
  while (domains.contains(slot)) ++slot;
  auto& d = domains[slot];
  d.ram = a[1];
  d.cpu = static_cast<std::uint32_t>(a[2]);
  d.exclusive = a[3] & 1;
  d.instance = a[4];
  d.epoch = a[5];
  if ((a[3] & static_cast<std::uint64_t>(abi::CreateFlags::migrating)) != 0) d.state = State::migrating;
  trace.push_back("create " + std::to_string(slot));
  return value(slot);
}

Answer FakeAvz::domain_call(Call call, const hypercall::Arguments& a, std::uint32_t slot, Domain& d) {
  const auto note = [&](std::string what) { trace.push_back(what + " " + std::to_string(slot)); };
  switch (call) {
    case Call::domain_load: loads.push_back(a[4]); return image_call(call, a, slot, d);
    case Call::domain_start:
      d.started = true;
      note("start");
      on_start(slot);
      return value(0);
    case Call::domain_destroy:
      note("destroy");
      domains.erase(slot);
      return value(0);
    case Call::domain_info:
      return {0,
              {0, static_cast<std::uint64_t>(d.state) | static_cast<std::uint64_t>(d.crash) << 32, d.ram, d.spid,
               d.spadcaps, d.cooperates | d.waits_for_reader << 1 | std::uint64_t{d.cpu} << 32, 10, d.instance}};
    case Call::domain_set_state:
      if (d.state != static_cast<State>(a[2]) ||
          abi::find_transition(d.state, static_cast<State>(a[3]), abi::Actor::agency) == nullptr)
        return status(Status::bad_state);
      note(std::string{abi::name(static_cast<State>(a[3]))});
      set(slot, static_cast<State>(a[3]));
      return value(0);
    case Call::domcall_run: {
      const auto which = static_cast<abi::Domcall>(a[1] >> 32);
      const hypercall::Payload payload{a[2], a[3], a[4], a[5], a[6], a[7]};
      const bool alone = which == abi::Domcall::cooperate && payload[0] >> 32 != 0;
      note(std::string{abi::name(which)} + (alone ? " alone" : ""));
      const auto o = on_domcall(slot, which, payload);
      return {0,
              {0, static_cast<std::uint64_t>(o.outcome) | std::uint64_t{o.detail} << 32, o.payload[0], o.payload[1],
               o.payload[2], o.payload[3], o.payload[4], o.payload[5]}};
    }
    case Call::dc_event_post: {
      if (d.posted != abi::DcEvent::none || d.answered != abi::DcEvent::none) return status(Status::busy);
      d.posted = static_cast<abi::DcEvent>(a[2]);
      d.argument = static_cast<std::uint32_t>(a[3]);
      note(std::string{abi::name(d.posted)});
      on_dc_event(slot, d.posted);
      return value(0);
    }
    case Call::dc_event_result: {
      const auto answered = std::exchange(d.answered, abi::DcEvent::none);
      return {0, {0, static_cast<std::uint64_t>(answered), static_cast<std::uint64_t>(std::int64_t{d.result})}};
    }
    case Call::domain_pause:
    case Call::domain_unpause:
      d.paused = call == Call::domain_pause;
      note(d.paused ? "pause" : "unpause");
      return value(0);
    default: return image_call(call, a, slot, d);
  }
}

}  // namespace agency
