// Transfer: how an ME gets from one smart object to another, agency to agency. The engine carries the messages
// (link.hpp, Type::peer) and is itself a peer: the one that keeps snapshots in files.
//
//   sender                                    receiver
//   offered    --- offer ------------------>  receiving   (or refuse: no memory, no slot, seen before, ...)
//   sending   <--- accept, credit ----------
//              --- data, data, ... -------->
//   sent                                      activating  the digest is right: the arrival or restore sequence runs
//   done      <--- arrived (slot) ----------  arrived     it lives there
//   done      <--- refuse (why) ------------  refused     nothing of it remains there
//
//   cancelling --- cancel ----------------->  nothing remains, and it will be refused for good: cancelled
//   done      <--- cancelled, or arrived if it was too late
//
//   done      --- settled ---------------->  arrived     of a move: it may move on from there
//
// A transfer is named by instance and epoch, in every message: of a move, those of the ME with a higher epoch, which no
// later attempt uses again; of a copy, a save or a restore, a new instance. A receiver remembers how transfers ended
// and answers a repeated offer or cancel with the same again. Data carries its offset: what came before is dropped, a
// gap ends the transfer. Whoever has nothing to say for a second repeats himself: the sender with data of no bytes, the
// receiver with its credit.
//
// A move is done when the sender has `arrived` (it destroys its ME) or `refuse` or `cancelled` (its ME resumes). Until
// then the ME stays suspended: a sender in doubt repeats `cancel` until it is answered, or until the peer is known to
// have died with all it had. A receiver repeats `arrived` of a move until it is settled, and until then, or until the
// sender is known to have died, the ME does not move on: it would be alive at a third place when a sender in doubt
// hears that this one died. So the ME is alive or intact somewhere at every instant, and never alive twice.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace abi::transfer {

enum class Type : std::uint16_t {
  offer = 1,  // Offer
  accept = 2,  // Credit
  refuse = 3,  // Refusal, then text
  data = 4,  // Data, then bytes of the snapshot (snapshot.hpp)
  credit = 5,  // Credit
  arrived = 6,  // Arrived
  cancel = 7,  //
  cancelled = 8,  //
  settled = 9,  // of a move: the sender has nothing of it any more. Answers every `arrived` that is not waited for
};

enum class Kind : std::uint32_t {
  copy = 1,  // propagation: a new instance; the resident lives on
  move = 2,  // the same instance, in a later epoch
  save = 3,  // to a file, by the engine
  restore = 4,  // from a file: a new instance, without cb_pre_activate and cb_cooperate
};

struct Message {
  std::uint16_t type;
  std::uint16_t version;  // transfer::version
  std::uint32_t reserved;  // 0
  std::uint64_t instance_id;
  std::uint64_t epoch;
};
static_assert(sizeof(Message) == 24);
inline constexpr std::uint16_t version = 1;

struct Offer {
  std::uint32_t kind;
  std::uint32_t abi_version;
  std::uint64_t spid;
  std::uint64_t ram_size;
  std::uint64_t from_uid;  // agency it comes from; 0: a file
  char name[40];  // NUL-padded
};
static_assert(sizeof(Offer) == 72);

// How far the sender may go: data up to this offset of the stream.
struct Credit {
  std::uint64_t up_to;
};

struct Data {
  std::uint64_t offset;
};

struct Refusal {
  std::int64_t status;  // abi::Status
};

struct Arrived {
  std::uint32_t slot;
  std::uint32_t reserved;
};

inline constexpr std::size_t data_max = 32 * 1024;  // bytes in one message
inline constexpr std::size_t window_default = 256 * 1024;  // a receiver lets the sender be so far ahead
inline constexpr std::uint32_t patience_ms = 5'000;  // without a word from the other side: cancel, or give up

// The names that the code, the traces and the model (docs/model) share.
enum class Sender : std::uint8_t { offered, sending, sent, cancelling, done };
enum class Receiver : std::uint8_t { receiving, activating, arrived, refused, cancelled };

constexpr std::string_view name(Type t) {
  constexpr std::string_view names[] = {"?",      "offer",   "accept", "refuse",    "data",
                                        "credit", "arrived", "cancel", "cancelled", "settled"};
  const auto i = static_cast<std::uint16_t>(t);
  return i < sizeof names / sizeof names[0] ? names[i] : "unknown message";
}
constexpr std::string_view name(Kind k) {
  switch (k) {
    case Kind::copy: return "copy";
    case Kind::move: return "move";
    case Kind::save: return "save";
    case Kind::restore: return "restore";
  }
  return "unknown kind";
}
constexpr std::string_view name(Sender s) {
  constexpr std::string_view names[] = {"offered", "sending", "sent", "cancelling", "done"};
  return names[static_cast<std::uint8_t>(s)];
}
constexpr std::string_view name(Receiver r) {
  constexpr std::string_view names[] = {"receiving", "activating", "arrived", "refused", "cancelled"};
  return names[static_cast<std::uint8_t>(r)];
}

}  // namespace abi::transfer
