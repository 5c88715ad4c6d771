// Hypercalls: how a domain asks avz.
//
// Convention: SMCCC (Arm DEN 0028), vendor-specific hypervisor service, fast, 64-bit. `hvc #0` with
//   w0 = function id, x1..x7 = arguments
//   x0 = Status, x1..x7 = values; x8..x17 come back as zero, x18..x30, SP and the FP registers unchanged.
//   domcall_run also leaves nothing of the last exception: ELR_EL1, SPSR_EL1, ESR_EL1, FAR_EL1, PAR_EL1 may be zero.
// Registers that a call does not name come back as zero. Any 64-bit value in any register is safe.
// Except: `hvc #1`, acknowledge the virtual interrupt, changes x16 and x17 only.
#pragma once
#include <cstdint>

namespace abi {

inline constexpr std::uint32_t hypercall_base = 0xC600'0000;

enum class Call : std::uint32_t {
  // ---- every domain
  version = 0,         // -> x1 = abi::version
  console_write = 1,   // x1 = length 1..48, x2..x7 = bytes, little-endian; lines beyond an ME's bound are counted
  vcpu_yield = 2,      // let other vCPUs of this CPU run
  vcpu_wait = 3,       // until selector != 0; call with interrupts masked: the caller looks at the events itself
  vcpu_park = 4,       // at a safe point, when stop_requested is set
  event_send = 5,      // x1 = port
  event_alloc = 6,     // x1 = remote domain -> x1 = port, which that domain may bind
  event_bind = 7,      // x1 = remote domain, x2 = its port -> x1 = local port
  event_close = 8,     // x1 = port
  grant_access = 9,    // x1 = remote domain, x2 = own page IPA in RAM, x3 = GrantFlags -> x1 = reference
  grant_end = 10,      // x1 = reference; busy while it is mapped
  grant_map = 11,      // x1 = granting domain, x2 = reference, x3 = IPA in the own grant window, x4 = GrantFlags
  grant_unmap = 12,    // x1 = IPA in the own grant window
  crash = 13,  // x1 = reason (CrashReason), x2 = PC, x3 = fault address: this domain is beyond help. No return
  // ---- ME
  set_state = 16,  // x1 = State
  identity = 17,  // x1 = spid, x2 = first spadcaps, x3 = 1 if willing to cooperate
  domcall_register = 18,  // x1 = entry VA, x2 = stack top VA
  domcall_return = 19,  // only inside a domcall: x1 = fn's return value, x2..x7 = payload. No return
  domcall_request = 20,  // only inside a domcall: x1 = agency_ctl command, x2..x7 = payload -> the same, answered
  dc_event_done = 21,  // x1 = event, x2 = result of the callback (int)
  // ---- agency only
  domain_create = 32,  // x1 = RAM bytes, x2 = CPU, x3 = CreateFlags, x4 = instance id,
  //   x5 = epoch -> x1 = slot, state booting or migrating
  domain_load = 33,  // x1 = slot, x2 = destination IPA, x3 = source IPA in the agency, x4 = bytes; before start
  domain_start = 34,  // x1 = slot, x2 = entry IPA, x3 = dtb IPA, x4 = dtb bytes, x5 = ramfs IPA, x6 = ramfs bytes
  domain_destroy = 35,  // x1 = slot: any state -> dead, all it had is freed
  domain_info = 36,  // x1 = slot -> x1 = State | crash reason << 32, x2 = RAM bytes, x3 = spid, x4 = spadcaps,
  //   x5 = SPAD valid | its vCPU waits for the reader of its snapshot << 1 | CPU << 32, x6 = pages in use,
  //   x7 = instance id
  domain_set_state = 37,  // x1 = slot, x2 = State expected now, x3 = State wanted
  domain_pause = 38,  // x1 = slot; busy until the vCPU is stopped at a safe point; after a second of that it is dead
  domain_unpause = 39,  // x1 = slot. Also for one who will not ask again after domain_pause or domcall_run was busy
  domain_next_change =
      40,  // -> x1 = a slot whose state changed, that crashed or answered a dc_event, since the last call; 0 = none
  domcall_run =
      41,  // x1 = slot | Domcall << 32, x2..x7 = payload -> x0 = Status, x1 = Outcome | detail << 32, x2..x7 = payload
  dc_event_post = 42,  // x1 = slot, x2 = event, x3 = argument; busy while one is outstanding
  dc_event_result = 43,  // x1 = slot -> x1 = event answered (0 = none yet), x2 = result; clears it
  irq_bind = 44,  // x1 = interrupt id of a device -> x1 = port; avz masks the line when it fires
  irq_unmask = 45,  // x1 = interrupt id
  place_set = 46,  // x1 = agency UID, x2, x3 = name, x4 = wall clock at counter 0, x5..x7 = entropy
  machine_info = 47,  // -> x1 = free pages (not promised to anyone), x2 = all pages, x3 = CPUs, x4 = MEs
  machine_off = 48,  // x1 = exit code, for the console; no return
  // ---- every domain
  trace_thread = 49,  // a thread switch, while shared page `trace` is set: x1 = thread, x2, x3 = its name
  // ---- agency only: snapshots (decision 7 of design.md), arrival, cooperation, trace
  snapshot_prepare = 50,  // x1 = slot: makes what a freeze switches to; busy: some of it is made, call again
  snapshot_freeze =
      51,  // x1 = slot -> x1 = pages it has; busy until the vCPU is at a safe point; after a second of that it is
  //   dead, as with domain_pause. The ME goes on at once
  snapshot_context = 52,  // x1 = slot, x2 = destination IPA, x3 = room in bytes, x4 = snapshot::Part -> x1 = bytes
  snapshot_pages =
      53,  // x1 = slot, x2 = IPA for pages, x3 = IPA for a u64 each: where it was, x4 = room in pages, up to 64
  //   -> x1 = pages copied, those first that the ME wants to write; 0: that was all; busy: none found yet, call again
  snapshot_end = 54,  // x1 = slot: at any time after snapshot_prepare, also when snapshot_freeze was busy
  domain_restore = 55,  // x1 = slot in migrating, loaded; x2 = IPA of a snapshot::Vcpu in the agency, x3 = dtb IPA,
  //   x4 = dtb bytes, x5 = ramfs IPA, x6 = ramfs bytes. As domain_start, but it goes on from there, once it is unpaused
  page_lend = 56,  // x1 = owner, x2 = a page of its RAM, x3 = borrower -> x1 = IPA there. One at a time for a borrower
  page_return = 57,  // x1 = borrower
  trace_control = 58,  // x1 = trace::Flags wanted; no_memory: there is none for its rings
  trace_read = 59,  // x1 = destination IPA, x2 = room in bytes -> x1 = bytes (trace::Record[]),
  //   x2 = records lost since the last call
  domain_identity =
      60,  // x1 = slot in migrating, x2 to x4 as x1 to x3 of identity: what is said of it until it says so
};
inline constexpr std::uint32_t call_count = 61;

constexpr std::uint32_t function_id(Call c) { return hypercall_base + static_cast<std::uint32_t>(c); }

// The vendor-specific hypervisor range has this place for "who are you" (SMCCC 6.2): a fixed UUID.
inline constexpr std::uint32_t call_uid = 0x8600'FF01;

enum class GrantFlags : std::uint64_t { none = 0, read_only = 1 };
enum class CreateFlags : std::uint64_t { none = 0, exclusive_cpu = 1, migrating = 2 };

// How a domcall_run came back.
enum class Outcome : std::uint32_t {
  done = 0,  // the callback returned; x2 = its return value, x3..x7 = payload
  request = 1,  // the ME called agency_ctl; serve it, then run Domcall::resume with the answer
  fault = 2,  // detail = CrashReason; the ME is dead
  budget = 3,  // it took too long; the ME is dead
};

enum class CrashReason : std::uint32_t {
  none = 0,
  panic = 1,  // the runtime stopped itself
  exception = 2,  // an EL1 exception its runtime could not handle
  memory = 3,  // touched what is not its own (stage 2)
  instruction = 4,  // an instruction a domain must not use
  domcall_budget = 5,
  blocked_in_domcall = 6,
  not_stopping = 7,  // did not reach a safe point in time
};

constexpr const char* name(CrashReason r) {
  switch (r) {
    case CrashReason::none: return "none";
    case CrashReason::panic: return "panic";
    case CrashReason::exception: return "unhandled exception";
    case CrashReason::memory: return "access outside its memory";
    case CrashReason::instruction: return "forbidden instruction";
    case CrashReason::domcall_budget: return "domcall took too long";
    case CrashReason::blocked_in_domcall: return "blocked in a domcall";
    case CrashReason::not_stopping: return "did not stop at a safe point";
  }
  return "unknown";
}

inline constexpr std::uint64_t console_write_max = 48;

}  // namespace abi
