#include "engine/link/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "so3/abi/layout.hpp"
#include "so3/abi/version.hpp"

namespace engine::link {
namespace {

namespace wire = abi::link;

std::unexpected<Error> broken(std::string what) { return fail(Errc::died, std::move(what)); }

// The fixed part of a payload. `rest` is true when bytes may follow it.
template <class T>
Result<T> fixed(std::span<const std::uint8_t> payload, std::string_view what, bool rest = false) {
  if (payload.size() < sizeof(T) || (!rest && payload.size() != sizeof(T)))
    return broken(fmt::format("{} of {} bytes, wanted {}{}", what, payload.size(), rest ? "at least " : "", sizeof(T)));
  T value;
  std::memcpy(&value, payload.data(), sizeof value);
  return value;
}

Result<std::uint32_t> slot_from(std::uint32_t slot) {
  if (slot >= abi::max_domains)
    return broken(fmt::format("slot {} does not exist; the last is {}", slot, abi::max_domains - 1));
  return slot;
}

Result<Message> parse_ready(const Frame& frame) {
  const auto m = fixed<wire::Ready>(frame.payload, "ready");
  if (!m) return std::unexpected(m.error());
  if (!abi::runs_on(abi::version, m->abi_version))
    return fail(Errc::environment,
                fmt::format("the agency speaks version {}.{}, this engine {}.{}", m->abi_version >> 16,
                            m->abi_version & 0xffff, abi::version_major, abi::version_minor),
                "build both from one tree: ./me build");
  return Ready{m->cpus, m->memory_free, m->window_size};
}

Result<Message> parse_reply(const Frame& frame) {
  const auto m = fixed<wire::Reply>(frame.payload, "reply", true);
  if (!m) return std::unexpected(m.error());
  const auto status = static_cast<abi::Status>(m->status);
  if (abi::name(status) == "unknown status") return broken(fmt::format("a reply with status {}", m->status));
  return Reply{status, m->value, Bytes(frame.payload.begin() + sizeof(wire::Reply), frame.payload.end())};
}

Result<Message> parse_log(const Frame& frame) {
  const auto m = fixed<wire::Log>(frame.payload, "log", true);
  if (!m) return std::unexpected(m.error());
  const auto slot = slot_from(m->slot);
  if (!slot) return std::unexpected(slot.error());
  std::string text(frame.payload.begin() + sizeof(wire::Log), frame.payload.end());
  if (!text.empty() && text.back() != '\n') return broken("a log line without its end");
  return LogLines{*slot, std::move(text)};
}

Result<Message> parse_state(const Frame& frame) {
  const auto m = fixed<wire::StateChange>(frame.payload, "state");
  if (!m) return std::unexpected(m.error());
  const auto slot = slot_from(m->slot);
  if (!slot) return std::unexpected(slot.error());
  const auto from = abi::state_from(m->from), to = abi::state_from(m->to);
  if (!from || !to) return broken(fmt::format("a change from state {} to {}", m->from, m->to));
  if (m->crash > static_cast<std::uint32_t>(abi::CrashReason::not_stopping))
    return broken(fmt::format("crash reason {}", m->crash));
  return StateChanged{*slot, *from, *to, static_cast<abi::CrashReason>(m->crash)};
}

Result<Message> parse_callback(const Frame& frame) {
  const auto m = fixed<wire::Callback>(frame.payload, "callback");
  if (!m) return std::unexpected(m.error());
  const auto slot = slot_from(m->slot);
  if (!slot) return std::unexpected(slot.error());
  CallbackRan ran{*slot, {}, m->ended != 0, m->result, std::nullopt};
  switch (m->kind) {
    case 0: ran.name = abi::name(static_cast<abi::Domcall>(m->number)); break;
    case 1: ran.name = abi::name(static_cast<abi::DcEvent>(m->number)); break;
    case 2: ran.name = m->number == 0 ? "callbacks_init" : "unknown hook"; break;
    default: return broken(fmt::format("callback kind {}", m->kind));
  }
  if (ran.name.starts_with("unknown")) return broken(fmt::format("{} {}", ran.name, m->number));
  if (m->kind == 0 && m->number == static_cast<std::uint32_t>(abi::Domcall::cooperate)) {
    const auto role = m->detail & 0xff;
    if (role != 1 && role != 2) return broken(fmt::format("cooperation role {}", role));
    ran.cooperation = Cooperation{static_cast<abi::Role>(role), (m->detail >> 8 & 1) != 0};
  }
  return ran;
}

Result<Message> parse_peer(const Frame& frame) {
  const auto m = fixed<wire::Peer>(frame.payload, "message to a peer", true);
  if (!m) return std::unexpected(m.error());
  if (m->reserved != 0) return broken("a message to a peer with its reserved word set");
  return PeerMessage{m->peer, Bytes(frame.payload.begin() + sizeof(wire::Peer), frame.payload.end())};
}

Result<Message> parse_transfer(const Frame& frame) {
  const auto m = fixed<wire::TransferChange>(frame.payload, "transfer");
  if (!m) return std::unexpected(m.error());
  const auto slot = slot_from(m->slot);
  if (!slot) return std::unexpected(slot.error());
  const auto kind = static_cast<abi::transfer::Kind>(m->kind);
  if (abi::transfer::name(kind) == "unknown kind") return broken(fmt::format("transfer kind {}", m->kind));
  if (m->incoming > 1 || m->state > 4) return broken(fmt::format("a transfer in state {}", m->state));
  const auto status = static_cast<abi::Status>(m->status);
  if (abi::name(status) == "unknown status") return broken(fmt::format("a transfer with status {}", m->status));
  const auto state = m->incoming != 0 ? abi::transfer::name(static_cast<abi::transfer::Receiver>(m->state))
                                      : abi::transfer::name(static_cast<abi::transfer::Sender>(m->state));
  return TransferReport{m->peer, {m->instance_id, m->epoch, {}, *slot, kind, m->incoming != 0, state, status}};
}

Result<Message> parse_trace(const Frame& frame) {
  if (frame.payload.size() % sizeof(abi::trace::Record) != 0)
    return broken(
        fmt::format("trace records of {} bytes, each has {}", frame.payload.size(), sizeof(abi::trace::Record)));
  TraceRecords some;
  some.records.resize(frame.payload.size() / sizeof(abi::trace::Record));
  if (!some.records.empty()) std::memcpy(some.records.data(), frame.payload.data(), frame.payload.size());
  for (const auto& r : some.records) {
    if (abi::trace::name(static_cast<abi::trace::Kind>(r.kind)) == "unknown kind")
      return broken(fmt::format("a trace record of kind {}", r.kind));
    if (const auto slot = slot_from(r.slot); !slot) return std::unexpected(slot.error());
  }
  return some;
}

}  // namespace

Result<Message> parse(const Frame& frame) {
  switch (frame.type) {
    case wire::Type::ready: return parse_ready(frame);
    case wire::Type::reply: return parse_reply(frame);
    case wire::Type::log: return parse_log(frame);
    case wire::Type::state: return parse_state(frame);
    case wire::Type::callback: return parse_callback(frame);
    case wire::Type::peer: return parse_peer(frame);
    case wire::Type::transfer: return parse_transfer(frame);
    case wire::Type::trace_records: return parse_trace(frame);
    default: return broken("a frame of a type that an agency does not send");
  }
}

Result<std::vector<MeInfo>> parse_mes(std::span<const std::uint8_t> payload) {
  if (payload.size() % sizeof(wire::Me) != 0) return broken(fmt::format("a list of {} bytes", payload.size()));
  std::vector<MeInfo> mes;
  for (; !payload.empty(); payload = payload.subspan(sizeof(wire::Me))) {
    const auto m = fixed<wire::Me>(payload.first(sizeof(wire::Me)), "list entry");
    if (!m) return std::unexpected(m.error());
    const auto slot = slot_from(m->slot);
    if (!slot) return std::unexpected(slot.error());
    const auto state = abi::state_from(m->state);
    if (!state) return broken(fmt::format("state {} of slot {}", m->state, m->slot));
    const auto* end = std::find(std::begin(m->name), std::end(m->name), '\0');
    if (end == std::end(m->name)) return broken(fmt::format("the name of slot {} does not end", m->slot));
    mes.push_back({*slot, *state, m->spid, m->spadcaps, m->ram_size, m->ram_used, m->instance_id, m->epoch, m->cpu,
                   m->cooperates != 0, std::string(std::begin(m->name), end)});
  }
  return mes;
}

Result<std::vector<ME_id>> parse_ids(std::span<const std::uint8_t> payload) {
  if (payload.size() % sizeof(wire::MeId) != 0) return broken(fmt::format("a list of {} bytes", payload.size()));
  std::vector<ME_id> ids;
  for (; !payload.empty(); payload = payload.subspan(sizeof(wire::MeId))) {
    const auto m = fixed<wire::MeId>(payload.first(sizeof(wire::MeId)), "list entry");
    if (!m) return std::unexpected(m.error());
    const auto slot = slot_from(m->slot);
    if (!slot) return std::unexpected(slot.error());
    const auto state = abi::state_from(m->state);
    if (!state) return broken(fmt::format("state {} of slot {}", m->state, m->slot));
    for (const auto text : {std::span<const char>(m->name), std::span<const char>(m->shortdesc)})
      if (std::ranges::find(text, '\0') == text.end())
        return broken(fmt::format("a text of slot {} does not end", m->slot));
    auto& id = ids.emplace_back(*slot, *state, m->spid, m->spadcaps);
    static_assert(sizeof id.name == sizeof m->name && sizeof id.shortdesc == sizeof m->shortdesc);
    std::ranges::copy(m->name, id.name);
    std::ranges::copy(m->shortdesc, id.shortdesc);
  }
  return ids;
}

Result<MachineInfo> parse_machine(std::span<const std::uint8_t> payload) {
  const auto m = fixed<wire::Machine>(payload, "info");
  if (!m) return std::unexpected(m.error());
  return MachineInfo{m->memory_total, m->memory_free, m->cpus, m->gic_version, m->mes, m->agency_heap};
}

Result<std::vector<std::string>> parse_children(std::span<const std::uint8_t> payload) {
  std::vector<std::string> children;
  while (!payload.empty()) {
    const auto end = std::find(payload.begin(), payload.end(), 0);
    if (end == payload.end()) return broken("the last name of a directory does not end");
    children.emplace_back(payload.begin(), end);
    payload = payload.subspan(children.back().size() + 1);
  }
  return children;
}

}  // namespace engine::link
