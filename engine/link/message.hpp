// Payloads of the link, checked once on the way in.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/event.hpp"
#include "engine/link/frame.hpp"
#include "so3/abi/trace.hpp"

namespace engine {

struct MeInfo {
  std::uint32_t slot;
  abi::State state;
  std::uint64_t spid, spadcaps;
  std::uint64_t ram_size, ram_used;  // bytes
  std::uint64_t instance_id, epoch;
  std::uint32_t cpu;
  bool cooperates;
  std::string name;
};

// An ME in the shape of the published ioctls GET_ME_ID and GET_ME_ID_ARRAY. The ME wrote the texts: see to what they do
// to a terminal. Until it has written all four entries: slot and state only.
struct ME_id {
  std::uint32_t slotID;
  abi::State state;
  std::uint64_t spid;
  std::uint64_t spadcaps;
  char name[40];  // NUL-terminated, as is shortdesc
  char shortdesc[1025];
};

struct MachineInfo {
  std::uint64_t memory_total, memory_free;  // bytes
  std::uint32_t cpus, gic_version, mes;
  std::uint32_t agency_heap;  // bytes of its own memory that the agency has in use
};

}  // namespace engine

namespace engine::link {

struct Reply {
  abi::Status status;
  std::uint64_t value;
  Bytes payload;

  std::string_view text() const { return {reinterpret_cast<const char*>(payload.data()), payload.size()}; }
};

// A message of the agency for a peer: a neighbour's agency, or the engine itself.
struct PeerMessage {
  std::uint32_t peer;
  Bytes bytes;
};

// As TransferChanged, with the peer's number.
struct TransferReport {
  std::uint32_t peer;
  TransferChanged change;
};

// Each of a kind that there is, and of a slot that there may be. Which CPUs there are, who started the machine knows.
struct TraceRecords {
  std::vector<abi::trace::Record> records;
};

using Message =
    std::variant<Ready, Reply, LogLines, StateChanged, CallbackRan, PeerMessage, TransferReport, TraceRecords>;

// Errors say which rule the frame broke.
[[nodiscard]] Result<Message> parse(const Frame& frame);
[[nodiscard]] Result<std::vector<MeInfo>> parse_mes(std::span<const std::uint8_t> payload);
[[nodiscard]] Result<std::vector<ME_id>> parse_ids(std::span<const std::uint8_t> payload);
[[nodiscard]] Result<MachineInfo> parse_machine(std::span<const std::uint8_t> payload);
[[nodiscard]] Result<std::vector<std::string>> parse_children(std::span<const std::uint8_t> payload);

}  // namespace engine::link
