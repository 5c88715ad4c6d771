#include "engine/trace/tracks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "engine/trace/names.hpp"
#include "so3/abi/callbacks.hpp"
#include "so3/abi/hypercall.hpp"
#include "so3/abi/layout.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/abi/status.hpp"

namespace engine::trace {
namespace {

using Group = Timeline::Group;

std::string text_of(const Record& r) {
  char text[sizeof r.value + 1] = {};
  std::memcpy(text, r.value, sizeof r.value);
  return text;
}

// The agency's CPU: what runs there in an ME's name is a domcall.
constexpr std::uint32_t agency_cpu = 0;

}  // namespace

std::uint32_t Tracks::track(Group group, std::uint32_t slot, std::uint32_t which, const std::string& name) {
  const auto [at, is_new] =
      tracks_.try_emplace({group, slot, which, name}, static_cast<std::uint32_t>(timeline_.tracks.size()));
  if (is_new) timeline_.tracks.push_back({process_, group, slot, name});
  return at->second;
}

std::string Tracks::called(std::uint32_t slot) {
  if (slot == abi::agency_domain) return "agency";
  const auto& name = me(slot).name;
  return name.empty() ? fmt::format("ME {}", slot) : fmt::format("ME {} {}", slot, name);
}

std::uint32_t Tracks::me_track(std::uint32_t slot) {
  auto& m = me(slot);
  if (m.track == Timeline::none) m.track = track(Group::me, slot, incarnations_[slot], called(slot));
  return m.track;
}

std::uint32_t Tracks::cpu_track(std::uint32_t cpu) { return track(Group::cpu, cpu, 0, fmt::format("CPU {}", cpu)); }

void Tracks::slice(std::uint32_t track, Open open, Time end) {
  timeline_.slices.push_back({track, open.since, end, std::move(open.name), std::move(open.arguments)});
}

void Tracks::take(const Record& r, Time time) {
  switch (static_cast<Kind>(r.kind)) {
    case Kind::call:
    case Kind::call_done: return call(r, time);
    case Kind::interrupt:
      timeline_.instants.push_back({cpu_track(r.cpu), time, fmt::format("interrupt {}", r.number)});
      return;
    case Kind::vcpu_in: return runs(r.cpu, r.slot, time);
    case Kind::vcpu_out:
      if (!cpus_[r.cpu].slot) cpus_[r.cpu].slot = r.slot;
      return stops(r.cpu, time);
    case Kind::state: return state(r, time);
    case Kind::domcall_begin:
    case Kind::domcall_end: return domcall(r, time);
    case Kind::thread: return thread(r, time);
    case Kind::callback_begin:
    case Kind::callback_end: return callback(r, time);
    case Kind::transfer: return transfer(r, time);
    case Kind::name: return name(r);
    case Kind::sync: timeline_.instants.push_back({me_track(abi::agency_domain), time, "sync point"}); return;
    case Kind::lost: timeline_.processes[process_].lost += r.value[0] + r.value[1]; return;
  }
}

// A CPU's first records may be those of a domain that had it all the time.
void Tracks::runs(std::uint32_t cpu, std::uint32_t slot, Time time) {
  auto& c = cpus_[cpu];
  if (c.slot == slot) return;
  if (c.slot) stops(cpu, time);
  c.slot = slot;
  c.since = time;
  if (auto& t = threads_[slot]; !t.name.empty()) t.since = time;
}

void Tracks::stops(std::uint32_t cpu, Time time) {
  auto& c = cpus_[cpu];
  if (!c.slot) return;
  for (; !c.domcalls.empty(); c.domcalls.pop_back()) slice(cpu_track(cpu), std::move(c.domcalls.back().second), time);
  slice(cpu_track(cpu), {c.since, called(*c.slot), {}}, time);
  end_thread(*c.slot, time);
  c.slot.reset();
}

void Tracks::end_thread(std::uint32_t slot, Time time) {
  auto& t = threads_[slot];
  if (!t.since) return;
  slice(
      track(Group::thread, slot, incarnations_[slot] << 16 | (t.id >> 4 & 0xffff), called(slot) + ", thread " + t.name),
      {*t.since, t.name, {}}, time);
  t.since.reset();
}

void Tracks::call(const Record& r, Time time) {
  const bool in_domcall = r.cpu == agency_cpu && r.slot != abi::agency_domain;
  if (!in_domcall) runs(r.cpu, r.slot, time);
  if (static_cast<Kind>(r.kind) == Kind::call_done) {
    const auto open = calls_.find({r.slot, r.cpu});
    if (open != calls_.end() && open->second.first == r.number) end_call(r.slot, r.cpu, time, r.value[0]);
    return;
  }
  end_call(r.slot, r.cpu, time, std::nullopt);  // one that did not return
  calls_[{r.slot, r.cpu}] = {r.number,
                             {time,
                              std::string(call_name(r.number)),
                              {{"x1", fmt::format("{:#x}", r.value[0])}, {"x2", fmt::format("{:#x}", r.value[1])}}}};
}

void Tracks::end_call(std::uint32_t slot, std::uint32_t cpu, Time time, std::optional<std::uint64_t> status) {
  const auto open = calls_.find({slot, cpu});
  if (open == calls_.end()) return;
  auto& [number, call] = open->second;
  if (status)
    call.arguments.emplace_back("status", abi::name(static_cast<abi::Status>(static_cast<std::int64_t>(*status))));
  const bool in_domcall = cpu == agency_cpu && slot != abi::agency_domain;
  slice(track(Group::calls, slot, incarnations_[slot] << 1 | in_domcall,
              called(slot) + (in_domcall ? ", hypercalls in domcalls" : ", hypercalls")),
        std::move(call), time);
  calls_.erase(open);
}

void Tracks::domcall(const Record& r, Time time) {
  auto& c = cpus_[r.cpu];
  if (!c.slot) runs(r.cpu, abi::agency_domain, time);
  if (static_cast<Kind>(r.kind) == Kind::domcall_begin) {
    c.domcalls.emplace_back(
        r.slot,
        Open{time, fmt::format("{} of {}", abi::name(static_cast<abi::Domcall>(r.number)), called(r.slot)), {}});
    return;
  }
  if (c.domcalls.empty() || c.domcalls.back().first != r.slot) return;
  auto open = std::move(c.domcalls.back().second);
  c.domcalls.pop_back();
  open.arguments.emplace_back("outcome", outcome_name(r.number));
  end_call(r.slot, r.cpu, time, std::nullopt);
  slice(cpu_track(r.cpu), std::move(open), time);
}

void Tracks::thread(const Record& r, Time time) {
  runs(r.cpu, r.slot, time);
  end_thread(r.slot, time);
  threads_[r.slot] = {r.number, text_of(r), time};
}

void Tracks::state(const Record& r, Time time) {
  const auto from = static_cast<abi::State>(r.number & 0xff), to = static_cast<abi::State>(r.number >> 8 & 0xff);
  if (from == abi::State::dead) {
    ++incarnations_[r.slot];
    threads_.erase(r.slot);
  }
  // The track gets its name with the first callback, or here when there is none: names come from the agency, later.
  timeline_.steps.push_back(
      {Timeline::Step::Kind::state, time, process_, me_track(r.slot), Timeline::none, std::string(abi::name(to)), 0});
  timeline_.instants.push_back({me_track(r.slot), time, std::string(abi::name(to))});
}

void Tracks::callback(const Record& r, Time time) {
  auto& open = me(r.slot).callbacks;
  const auto at = me_track(r.slot);
  const auto label = callback_name(r.number);
  if (static_cast<Kind>(r.kind) == Kind::callback_begin) {
    auto text = std::string(label) + cooperation_detail(r.number, r.value[0]);
    timeline_.steps.push_back({Timeline::Step::Kind::callback, time, process_, at, Timeline::none, text, 0});
    open.emplace_back(r.number, Open{time, std::move(text), {}});
    return;
  }
  const auto last = std::find_if(open.rbegin(), open.rend(), [&](const auto& o) { return o.first == r.number; });
  if (last == open.rend()) return;
  const auto result = static_cast<std::int64_t>(r.value[1]);
  timeline_.steps.push_back(
      {Timeline::Step::Kind::callback_end, time, process_, at, Timeline::none, std::string(label), result});
  // Those within it have no end of their own.
  for (bool more = true; more; open.pop_back()) {
    more = open.back().first != r.number;
    auto& o = open.back().second;
    if (!more) o.arguments.emplace_back("result", fmt::format("{}", result));
    slice(at, std::move(o), time);
  }
}

void Tracks::transfer(const Record& r, Time time) {
  const auto kind = abi::transfer::name(static_cast<abi::transfer::Kind>(r.number >> 12 & 0xf));
  const bool incoming = (r.number >> 8 & 0xf) != 0;
  const auto state = r.number & 0xff;
  const auto peer = r.number >> 16;
  const TransferKey key{r.value[0], r.value[1] >> 32, peer, incoming};
  auto found = open_transfers_.find(key);
  if (found == open_transfers_.end()) {
    std::uint32_t lane = 0;
    while (std::ranges::any_of(open_transfers_, [&](const auto& t) { return t.second.first == lane; })) ++lane;
    const auto text =
        fmt::format("{} of {} {}", kind, r.slot == 0 ? "an ME" : called(r.slot), incoming ? "comes" : "goes");
    found = open_transfers_
                .emplace(key, std::pair{lane, Open{time, text, {{"instance", fmt::format("{:#x}", r.value[0])}}}})
                .first;
  }
  auto& [lane, open] = found->second;
  const auto name = incoming ? receiver_name(state) : sender_name(state);
  open.arguments.emplace_back(std::string(name), fmt::format("{} us", (time - open.since) / 1000));
  if (!ends(incoming, state)) return;
  const auto status = static_cast<abi::Status>(static_cast<std::int32_t>(r.value[1]));
  open.arguments.emplace_back("status", abi::name(status));
  const auto at = track(Group::transfer, 0, lane, lane == 0 ? "transfers" : fmt::format("transfers, {}", lane + 1));
  transfers_.push_back({process_, at, r.value[0], r.value[1] >> 32, incoming, std::string(kind), open.since, time,
                        status == abi::Status::ok});
  slice(at, std::move(open), time);
  open_transfers_.erase(found);
}

void Tracks::name(const Record& r) {
  auto& m = me(r.slot);
  if (r.number == 0) m.name.clear();
  if (m.name.size() == r.number) m.name += text_of(r);
  if (m.track != Timeline::none) timeline_.tracks[m.track].name = called(r.slot);
}

void Tracks::finish(Time end) {
  while (!calls_.empty()) {
    const auto [slot, cpu] = calls_.begin()->first;
    end_call(slot, cpu, end, std::nullopt);
  }
  for (auto& [cpu, c] : cpus_) stops(cpu, end);
  for (auto& [key, m] : mes_)
    for (; !m.callbacks.empty(); m.callbacks.pop_back()) slice(m.track, std::move(m.callbacks.back().second), end);
  for (auto& [key, t] : open_transfers_) {
    auto& [lane, open] = t;
    const auto at = track(Group::transfer, 0, lane, lane == 0 ? "transfers" : fmt::format("transfers, {}", lane + 1));
    transfers_.push_back(
        {process_, at, std::get<0>(key), std::get<1>(key), std::get<3>(key), open.name, open.since, end, false});
    slice(at, std::move(open), end);
  }
}

}  // namespace engine::trace
