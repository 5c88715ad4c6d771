// A trace: what avz and the agency record of a machine while somebody wants to know.
//
// avz keeps a ring of records for each CPU while trace_control has any flag set, and gives them to the agency with
// trace_read: each ring's in the order of their time, one ring after the other. When a ring is full, records are
// counted in place of being kept: those of calls, interrupts, vCPUs and threads from three quarters on, so that the
// others still find room. Nothing waits for a trace.
// The agency passes them on in frames (link.hpp: trace_records), with records of its own in between.
//
// A thread's record, and what a call's arguments say, is a guest's own word. The rest is avz's or the agency's.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace abi::trace {

// What is recorded; 0 = the trace is off and holds no memory.
enum class Flags : std::uint64_t {
  none = 0,
  calls = 1,        // every hypercall: when it came, when it was answered
  interrupts = 2,   // physical ones, as avz takes them
  vcpus = 4,        // which domain has which CPU
  states = 8,       // changes of state of MEs
  domcalls = 16,    // what MEs do on the agency's CPU
  threads = 32,     // switches of threads, as domains report them
  all = 63,
};

enum class Kind : std::uint8_t {
  // avz's, with what the fields of Record are
  call = 1,           // number = Call, value = x1, x2
  call_done = 2,      // number = Call, value = Status, x1. A call that does not return has none
  interrupt = 3,      // number = id of the interrupt controller
  vcpu_in = 4,        // the domain has the CPU
  vcpu_out = 5,       // it has it no longer
  state = 6,          // number = State before | State after << 8
  domcall_begin = 7,  // number = Domcall; resume: it goes on after a request
  domcall_end = 8,    // number = Outcome, value = what the callback returned, CrashReason
  thread = 9,         // number = which thread of the domain, value = its name, 16 bytes, NUL-padded
  // the agency's
  callback_begin = 32,  // number = link::Callback::number | kind << 16, value = detail
  callback_end = 33,    // the same, value = detail, result
  transfer = 34,        // number = peer << 16 | transfer::Kind << 12 | incoming << 8 | state, value = instance id,
                        // epoch << 32 | Status
  name = 35,            // of the ME: number = where in it value begins, value = 16 bytes of it, NUL-padded
  sync = 36,            // value = link::Sync::number
  lost = 37,            // value = records that are missing before this one, of avz, of the agency
};

struct Record {
  std::uint64_t time;   // nanoseconds of the machine's counter: the same clock on all its CPUs
  std::uint8_t kind;    // Kind
  std::uint8_t cpu;
  std::uint16_t slot;   // the domain it is about
  std::uint32_t number;
  std::uint64_t value[2];
};
static_assert(sizeof(Record) == 32 && offsetof(Record, value) == 16);

// An ME's name takes as many records.
inline constexpr std::uint32_t name_records = 3;

constexpr std::string_view name(Kind k) {
  switch (k) {
    case Kind::call: return "call";
    case Kind::call_done: return "call done";
    case Kind::interrupt: return "interrupt";
    case Kind::vcpu_in: return "vCPU in";
    case Kind::vcpu_out: return "vCPU out";
    case Kind::state: return "state";
    case Kind::domcall_begin: return "domcall begins";
    case Kind::domcall_end: return "domcall ends";
    case Kind::thread: return "thread";
    case Kind::callback_begin: return "callback begins";
    case Kind::callback_end: return "callback ends";
    case Kind::transfer: return "transfer";
    case Kind::name: return "name";
    case Kind::sync: return "sync";
    case Kind::lost: return "lost";
  }
  return "unknown kind";
}

constexpr bool wants(Flags flags, Flags one) {
  return (static_cast<std::uint64_t>(flags) & static_cast<std::uint64_t>(one)) != 0;
}

}  // namespace abi::trace
