// What a smart object reports of its own accord. Every value has been checked: it came from a guest.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/error.hpp"
#include "so3/abi/callbacks.hpp"
#include "so3/abi/hypercall.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/abi/transfer.hpp"

namespace engine {

// The agency is up and takes requests.
struct Ready {
  std::uint32_t cpus;
  std::uint64_t memory_free;  // bytes an ME could get
  std::uint64_t window_size;
};

struct StateChanged {
  std::uint32_t slot;
  abi::State from, to;
  abi::CrashReason crash;  // none unless it died of one
};

struct Cooperation {
  abi::Role role;
  bool alone;
};

struct CallbackRan {
  std::uint32_t slot;
  std::string_view name;  // as published: cb_pre_activate, …
  bool ended;             // false: it begins
  int result;             // once it has ended
  std::optional<Cooperation> cooperation;
};

struct LogLines {
  std::uint32_t slot;
  std::string text;  // whole lines with prefix, each ended by '\n'
};

struct ConsoleLine {
  std::string text;  // of avz, agency and printk; without '\n'
};

// A link to a neighbour came up or went; `why` it went.
struct NeighbourChanged {
  std::string name;
  bool up;
  bool unlinked;  // somebody wanted it to go
  std::string why;
};

// A transfer (so3/abi/transfer.hpp) began, went on or ended on this side.
struct TransferChanged {
  std::uint64_t instance_id, epoch;
  std::string neighbour;  // by name; empty: a file
  std::uint32_t slot;     // on this side, 0: none (yet)
  abi::transfer::Kind kind;
  bool incoming;
  std::string_view state;  // of abi::transfer::Sender or Receiver
  abi::Status status;      // when it has ended
};

// From the engine itself: log files that cannot be written, lines that were lost.
struct Notice {
  std::string text;
};

// The last event of all.
struct Ended {
  bool asked_for;  // power_off or kill by the owner
  Error reason;
};

using Event = std::variant<Ready, StateChanged, CallbackRan, NeighbourChanged, TransferChanged, LogLines, ConsoleLine,
                           Notice, Ended>;

}  // namespace engine
