// Hypercalls as functions: one per abi::Call, with its types. What each does and means is in abi/hypercall.hpp.
// Every call of this header costs one trap and nothing else; none allocates, locks or blocks (vcpu_wait and
// vcpu_yield give the CPU away). On the host a test stands for avz (host/recorder.hpp).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <string_view>

#include "so3/abi/callbacks.hpp"
#include "so3/abi/hypercall.hpp"
#include "so3/abi/layout.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/abi/snapshot.hpp"
#include "so3/abi/status.hpp"
#ifdef __linux__
#include "so3/guest/host/invoke.hpp"
#else
#include "so3/guest/arm64/invoke.hpp"
#endif

namespace hypercall {

using abi::Call;
using abi::Status;
using Slot = std::uint32_t;
using Port = std::uint32_t;
using GrantRef = std::uint32_t;
using Payload = std::array<std::uint64_t, 6>;  // x2..x7
template <typename T>
using Result = std::expected<T, Status>;

namespace detail {

constexpr std::uint32_t low(std::uint64_t v) { return static_cast<std::uint32_t>(v); }
constexpr std::uint32_t high(std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); }
constexpr std::unexpected<Status> failed(const Answer& a) { return std::unexpected{static_cast<Status>(a.status)}; }
inline Result<void> nothing(const Answer& a) {
  if (a.status != 0) return failed(a);
  return {};
}
inline Result<std::uint32_t> number(const Answer& a) {
  if (a.status != 0) return failed(a);
  return low(a.x[1]);
}
constexpr Payload payload(const Answer& a) { return {a.x[2], a.x[3], a.x[4], a.x[5], a.x[6], a.x[7]}; }

}  // namespace detail

// ---- every domain

// abi::version of avz.
[[nodiscard]] inline Result<std::uint32_t> version() { return detail::number(invoke(Call::version)); }

// At most abi::console_write_max bytes; avz's console, for early boot and last words.
[[nodiscard]] inline Result<void> console_write(std::string_view text) {
  if (text.size() > abi::console_write_max) return std::unexpected{Status::too_big};
  Payload words{};
  std::memcpy(words.data(), text.data(), text.size());
  return detail::nothing(
      invoke(Call::console_write, text.size(), words[0], words[1], words[2], words[3], words[4], words[5]));
}

// A thread begins to run here; for avz's trace, while SharedPage::trace is set. At most 16 bytes of the name.
inline void trace_thread(std::uint64_t thread, std::string_view name) {
  std::array<std::uint64_t, 2> words{};
  std::memcpy(words.data(), name.data(), name.size() < sizeof words ? name.size() : sizeof words);
  static_cast<void>(invoke(Call::trace_thread, thread, words[0], words[1]));
}

inline void vcpu_yield() { static_cast<void>(invoke(Call::vcpu_yield)); }

// Call with interrupts masked, then look at the events (events.hpp).
inline void vcpu_wait() { static_cast<void>(invoke(Call::vcpu_wait)); }

// Only where no lock is held, when SharedPage::stop_requested is set.
inline void vcpu_park() { static_cast<void>(invoke(Call::vcpu_park)); }

[[nodiscard]] inline Result<void> event_send(Port port) { return detail::nothing(invoke(Call::event_send, port)); }

// A new port that `remote` may bind.
[[nodiscard]] inline Result<Port> event_alloc(Slot remote) { return detail::number(invoke(Call::event_alloc, remote)); }

[[nodiscard]] inline Result<Port> event_bind(Slot remote, Port remote_port) {
  return detail::number(invoke(Call::event_bind, remote, remote_port));
}

[[nodiscard]] inline Result<void> event_close(Port port) { return detail::nothing(invoke(Call::event_close, port)); }

[[nodiscard]] inline Result<GrantRef> grant_access(Slot remote, std::uint64_t page_ipa, abi::GrantFlags flags) {
  return detail::number(invoke(Call::grant_access, remote, page_ipa, static_cast<std::uint64_t>(flags)));
}

[[nodiscard]] inline Result<void> grant_end(GrantRef reference) {
  return detail::nothing(invoke(Call::grant_end, reference));
}

[[nodiscard]] inline Result<void> grant_map(Slot owner, GrantRef reference, std::uint64_t ipa, abi::GrantFlags flags) {
  return detail::nothing(invoke(Call::grant_map, owner, reference, ipa, static_cast<std::uint64_t>(flags)));
}

[[nodiscard]] inline Result<void> grant_unmap(std::uint64_t ipa) {
  return detail::nothing(invoke(Call::grant_unmap, ipa));
}

[[noreturn]] inline void crash(abi::CrashReason reason, std::uint64_t pc, std::uint64_t fault_address) {
  static_cast<void>(invoke(Call::crash, static_cast<std::uint64_t>(reason), pc, fault_address));
  __builtin_trap();
}

// ---- ME

[[nodiscard]] inline Result<void> set_state(abi::State state) {
  return detail::nothing(invoke(Call::set_state, static_cast<std::uint64_t>(state)));
}

[[nodiscard]] inline Result<void> identity(std::uint64_t spid, std::uint64_t spadcaps, bool cooperates) {
  return detail::nothing(invoke(Call::identity, spid, spadcaps, cooperates));
}

[[nodiscard]] inline Result<void> domcall_register(std::uint64_t entry, std::uint64_t stack_top) {
  return detail::nothing(invoke(Call::domcall_register, entry, stack_top));
}

[[noreturn, gnu::always_inline]] inline void domcall_return(std::int64_t value, const Payload& p) {
  static_cast<void>(
      invoke(Call::domcall_return, static_cast<std::uint64_t>(value), p[0], p[1], p[2], p[3], p[4], p[5]));
  __builtin_trap();
}

// agency_ctl from inside a domcall. The first word of what comes back is the agency's own status.
[[nodiscard]] inline Result<Payload> domcall_request(std::uint32_t command, const Payload& p) {
  const auto a = invoke(Call::domcall_request, command, p[0], p[1], p[2], p[3], p[4], p[5]);
  if (a.status != 0) return detail::failed(a);
  return detail::payload(a);
}

[[nodiscard]] inline Result<void> dc_event_done(abi::DcEvent event, std::int32_t result) {
  return detail::nothing(
      invoke(Call::dc_event_done, static_cast<std::uint64_t>(event), static_cast<std::uint64_t>(std::int64_t{result})));
}

// ---- agency only

[[nodiscard]] inline Result<Slot> domain_create(std::uint64_t ram_bytes, std::uint32_t cpu, abi::CreateFlags flags,
                                                std::uint64_t instance_id, std::uint64_t epoch) {
  return detail::number(
      invoke(Call::domain_create, ram_bytes, cpu, static_cast<std::uint64_t>(flags), instance_id, epoch));
}

[[nodiscard]] inline Result<void> domain_load(Slot slot, std::uint64_t to_ipa, std::uint64_t from_ipa,
                                              std::uint64_t bytes) {
  return detail::nothing(invoke(Call::domain_load, slot, to_ipa, from_ipa, bytes));
}

struct StartParameters {
  std::uint64_t entry_ipa;
  std::uint64_t dtb_ipa, dtb_bytes;
  std::uint64_t ramfs_ipa, ramfs_bytes;  // 0 when there is none
};
[[nodiscard]] inline Result<void> domain_start(Slot slot, const StartParameters& p) {
  return detail::nothing(
      invoke(Call::domain_start, slot, p.entry_ipa, p.dtb_ipa, p.dtb_bytes, p.ramfs_ipa, p.ramfs_bytes));
}

[[nodiscard]] inline Result<void> domain_destroy(Slot slot) {
  return detail::nothing(invoke(Call::domain_destroy, slot));
}

struct DomainInfo {
  abi::State state;
  abi::CrashReason crash;
  std::uint64_t ram_bytes;
  std::uint64_t spid, spadcaps;
  bool cooperates;
  bool waits_for_reader;  // of its snapshot: the reserve is full
  std::uint32_t cpu;
  std::uint64_t pages_in_use;
  std::uint64_t instance_id;
};
[[nodiscard]] inline Result<DomainInfo> domain_info(Slot slot) {
  const auto a = invoke(Call::domain_info, slot);
  if (a.status != 0) return detail::failed(a);
  return DomainInfo{.state = static_cast<abi::State>(detail::low(a.x[1])),
                    .crash = static_cast<abi::CrashReason>(detail::high(a.x[1])),
                    .ram_bytes = a.x[2],
                    .spid = a.x[3],
                    .spadcaps = a.x[4],
                    .cooperates = (a.x[5] & 1) != 0,
                    .waits_for_reader = (a.x[5] & 2) != 0,
                    .cpu = detail::high(a.x[5]),
                    .pages_in_use = a.x[6],
                    .instance_id = a.x[7]};
}

[[nodiscard]] inline Result<void> domain_set_state(Slot slot, abi::State expected, abi::State wanted) {
  return detail::nothing(
      invoke(Call::domain_set_state, slot, static_cast<std::uint64_t>(expected), static_cast<std::uint64_t>(wanted)));
}

[[nodiscard]] inline Result<void> domain_pause(Slot slot) { return detail::nothing(invoke(Call::domain_pause, slot)); }

[[nodiscard]] inline Result<void> domain_unpause(Slot slot) {
  return detail::nothing(invoke(Call::domain_unpause, slot));
}

// 0: nothing changed since the last call.
[[nodiscard]] inline Result<Slot> domain_next_change() { return detail::number(invoke(Call::domain_next_change)); }

struct DomcallOutcome {
  abi::Outcome outcome;
  std::uint32_t detail;
  Payload payload;
};
[[nodiscard]] inline Result<DomcallOutcome> domcall_run(Slot slot, abi::Domcall domcall, const Payload& p = {}) {
  const auto what = slot | std::uint64_t{static_cast<std::uint32_t>(domcall)} << 32;
  const auto a = invoke(Call::domcall_run, what, p[0], p[1], p[2], p[3], p[4], p[5]);
  if (a.status != 0) return detail::failed(a);
  return DomcallOutcome{static_cast<abi::Outcome>(detail::low(a.x[1])), detail::high(a.x[1]), detail::payload(a)};
}

[[nodiscard]] inline Result<void> dc_event_post(Slot slot, abi::DcEvent event, std::uint32_t argument = 0) {
  return detail::nothing(invoke(Call::dc_event_post, slot, static_cast<std::uint64_t>(event), argument));
}

struct DcEventResult {
  abi::DcEvent event;  // none: not answered yet
  std::int32_t result;
};
[[nodiscard]] inline Result<DcEventResult> dc_event_result(Slot slot) {
  const auto a = invoke(Call::dc_event_result, slot);
  if (a.status != 0) return detail::failed(a);
  return DcEventResult{static_cast<abi::DcEvent>(detail::low(a.x[1])), static_cast<std::int32_t>(detail::low(a.x[2]))};
}

// The line of the device is masked when it fires; irq_unmask opens it again.
[[nodiscard]] inline Result<Port> irq_bind(std::uint32_t interrupt) {
  return detail::number(invoke(Call::irq_bind, interrupt));
}

[[nodiscard]] inline Result<void> irq_unmask(std::uint32_t interrupt) {
  return detail::nothing(invoke(Call::irq_unmask, interrupt));
}

struct Place {
  std::uint64_t agency_uid;
  std::array<char, 16> soo_name;  // NUL-padded
  std::uint64_t wall_clock_ns;    // Unix time at counter value 0
  std::array<std::uint64_t, 3> entropy;
};
[[nodiscard]] inline Result<void> place_set(const Place& p) {
  std::array<std::uint64_t, 2> name;
  std::memcpy(name.data(), p.soo_name.data(), sizeof name);
  return detail::nothing(invoke(Call::place_set, p.agency_uid, name[0], name[1], p.wall_clock_ns, p.entropy[0],
                                p.entropy[1], p.entropy[2]));
}

struct MachineInfo {
  std::uint64_t free_pages, pages;
  std::uint32_t cpus, mes;
};
[[nodiscard]] inline Result<MachineInfo> machine_info() {
  const auto a = invoke(Call::machine_info);
  if (a.status != 0) return detail::failed(a);
  return MachineInfo{a.x[1], a.x[2], detail::low(a.x[3]), detail::low(a.x[4])};
}

// ---- agency only: snapshots. One at a time of an ME; prepare, freeze, then context and pages as often as it takes, end.

// busy: a part of it is done, call again. no_memory: as many snapshots as the machine can have are under way.
[[nodiscard]] inline Result<void> snapshot_prepare(Slot slot) {
  return detail::nothing(invoke(Call::snapshot_prepare, slot));
}

// The ME goes on at once; what it writes from here on is not in the snapshot. busy: call again, its vCPU is not at a
// safe point or a domcall of it is under way. bad_state: not prepared, or frozen already.
[[nodiscard]] inline Result<std::uint64_t> snapshot_freeze(Slot slot) {  // -> pages that it has
  const auto a = invoke(Call::snapshot_freeze, slot);
  if (a.status != 0) return detail::failed(a);
  return a.x[1];
}

// Copies what a part of the snapshot consists of: a snapshot::Vcpu, a shared page, Event[] or Grant[].
// too_big: it does not fit into `room`. -> bytes written
[[nodiscard]] inline Result<std::uint64_t> snapshot_context(Slot slot, std::uint64_t to_ipa, std::uint64_t room,
                                                            abi::snapshot::Part part) {
  const auto a = invoke(Call::snapshot_context, slot, to_ipa, room, static_cast<std::uint64_t>(part));
  if (a.status != 0) return detail::failed(a);
  return a.x[1];
}

inline constexpr std::uint64_t snapshot_pages_max = 64;  // in one call
// The next pages as they were when it was frozen, each once, and for each a u64: its IPA in the ME. -> how many; 0: all
// have been copied. A page that the ME waits for comes first.
[[nodiscard]] inline Result<std::uint64_t> snapshot_pages(Slot slot, std::uint64_t pages_ipa, std::uint64_t ipas_ipa,
                                                          std::uint64_t room) {
  const auto a = invoke(Call::snapshot_pages, slot, pages_ipa, ipas_ipa, room);
  if (a.status != 0) return detail::failed(a);
  return a.x[1];
}

// Complete or not: nothing of it remains. bad_state: there is none.
[[nodiscard]] inline Result<void> snapshot_end(Slot slot) { return detail::nothing(invoke(Call::snapshot_end, slot)); }

// ---- agency only: arrival

struct RestoreParameters {
  std::uint64_t vcpu_ipa;  // a snapshot::Vcpu in the agency's memory
  std::uint64_t dtb_ipa, dtb_bytes;
  std::uint64_t ramfs_ipa, ramfs_bytes;  // 0 when there is none
};
// bad_argument: a register holds what no ME could have. It runs once it is unpaused; domcalls work in it at once.
[[nodiscard]] inline Result<void> domain_restore(Slot slot, const RestoreParameters& p) {
  return detail::nothing(
      invoke(Call::domain_restore, slot, p.vcpu_ipa, p.dtb_ipa, p.dtb_bytes, p.ramfs_ipa, p.ramfs_bytes));
}

// Until the ME itself says who it is. bad_state: it is not in migrating.
[[nodiscard]] inline Result<void> domain_identity(Slot slot, std::uint64_t spid, std::uint64_t spadcaps,
                                                  bool cooperates) {
  return detail::nothing(invoke(Call::domain_identity, slot, spid, spadcaps, cooperates));
}

// ---- agency only: cooperation

// -> where the borrower finds it. It is its until page_return, or until one of the two dies. busy: it has one already.
[[nodiscard]] inline Result<std::uint64_t> page_lend(Slot owner, std::uint64_t page_ipa, Slot borrower) {
  const auto a = invoke(Call::page_lend, owner, page_ipa, borrower);
  if (a.status != 0) return detail::failed(a);
  return a.x[1];
}

[[nodiscard]] inline Result<void> page_return(Slot borrower) {
  return detail::nothing(invoke(Call::page_return, borrower));
}

// ---- agency only: trace

[[nodiscard]] inline Result<void> trace_control(std::uint64_t flags) {
  return detail::nothing(invoke(Call::trace_control, flags));
}

struct TraceRead {
  std::uint64_t bytes;
  std::uint64_t lost;  // records, since the last call
};
[[nodiscard]] inline Result<TraceRead> trace_read(std::uint64_t to_ipa, std::uint64_t room) {
  const auto a = invoke(Call::trace_read, to_ipa, room);
  if (a.status != 0) return detail::failed(a);
  return TraceRead{a.x[1], a.x[2]};
}

[[noreturn]] inline void machine_off(std::uint32_t exit_code) {
  static_cast<void>(invoke(Call::machine_off, exit_code));
  __builtin_trap();
}

}  // namespace hypercall
