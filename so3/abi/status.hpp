// What a hypercall, a store request or a domcall answers besides its value.
#pragma once
#include <cstdint>
#include <string_view>

namespace abi {

// Travels in x0 of a hypercall and in the status field of messages. Zero is success; the rest is
// negative so that an unknown call answers what SMCCC (Arm DEN 0028, 5.2) wants: NOT_SUPPORTED = -1.
enum class Status : std::int64_t {
  ok = 0,
  not_supported = -1,  // no such call in this version
  denied = -2,         // the caller may not do this
  bad_argument = -3,   // a value is out of range, misaligned or malformed
  bad_state = -4,      // right call, wrong moment (lifecycle, pausing, already started)
  not_found = -5,      // no such domain, channel, grant or key
  no_memory = -6,      // memory, page reserve or table is used up
  no_slot = -7,        // every domain slot is taken
  busy = -8,           // try again later: still mapped, vCPU not yet at a safe point, event not yet consumed
  too_big = -9,        // exceeds a limit of this ABI
  no_answer = -10,     // who was asked said nothing in time; between agencies and engine only, as is the next
  peer_died = -11,     // who was asked has died with all it had
};

constexpr std::string_view name(Status s) {
  switch (s) {
    case Status::ok: return "ok";
    case Status::not_supported: return "not supported";
    case Status::denied: return "denied";
    case Status::bad_argument: return "bad argument";
    case Status::bad_state: return "wrong state";
    case Status::not_found: return "not found";
    case Status::no_memory: return "out of memory";
    case Status::no_slot: return "no free slot";
    case Status::busy: return "busy";
    case Status::too_big: return "too big";
    case Status::no_answer: return "no answer in time";
    case Status::peer_died: return "died";
  }
  return "unknown status";
}

}  // namespace abi
