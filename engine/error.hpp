// What can go wrong on the host's side, and how `me` tells it.
#pragma once
#include <expected>
#include <string>
#include <utility>

#include "so3/abi/status.hpp"

namespace engine {

// The kind of failure. Its number is the exit code of `me` (docs/me-command.md lists them).
enum class Errc : int {
  failed = 1,        // none of the below
  usage = 2,         // the command line or an option is wrong
  not_up = 3,        // the smart object is not running
  refused = 4,       // a capsule, or a request, is not what it must be
  not_found = 5,     // no such ME, slot, file or vbstore entry
  no_room = 6,       // slots, memory or disk are used up
  environment = 7,   // something on this machine is missing or too old
  already_up = 8,    // a smart object of this name is running
  died = 9,          // the smart object ended by itself
  timed_out = 10,    // no answer in time
  interrupted = 11,  // Ctrl-C
  wrong_state = 12,  // right request, wrong moment
};

// `message` names the thing, the limit and what was found; `remedy` says what to do, if anything can be done.
struct Error {
  Errc code;
  std::string message;
  std::string remedy;
};

template <class T = void>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string message, std::string remedy = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(remedy)});
}

// What the agency answered. docs/me-command.md has the table for MEs that travel.
constexpr Errc errc_from(abi::Status s) {
  switch (s) {
    case abi::Status::ok: break;
    case abi::Status::not_found: return Errc::not_found;
    case abi::Status::no_memory:
    case abi::Status::no_slot: return Errc::no_room;
    case abi::Status::not_supported:
    case abi::Status::bad_argument:
    case abi::Status::too_big: return Errc::refused;
    case abi::Status::denied:  // an ME said no
    case abi::Status::bad_state:
    case abi::Status::busy: return Errc::wrong_state;
    case abi::Status::no_answer: return Errc::timed_out;
    case abi::Status::peer_died: return Errc::died;
  }
  return Errc::failed;
}

}  // namespace engine
