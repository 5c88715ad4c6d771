// The link between the engine on the host and the agency: framed messages over a virtio-serial port,
// bulk data (images, snapshots) through a window of memory that both map.
//
// All integers little-endian. A frame is a Frame header and `length` bytes. Both sides drop the connection
// on a frame that breaks a rule; the window is untrusted: the agency copies out of it first, then validates.
// The agency sends `ready` once, after which the engine may ask. Each request gets exactly one `reply` with
// its id; other frames from the agency come in between.
#pragma once
#include <cstddef>
#include <cstdint>

namespace abi::link {

inline constexpr char port_name[] = "soo.control";
inline constexpr std::uint32_t frame_magic = 0x6b6e'694c;  // "Link"
inline constexpr std::uint32_t length_max = 64 * 1024;

enum class Type : std::uint16_t {
  // engine -> agency
  hello = 1,          // Hello
  inject = 2,         // Inject -> reply value = slot
  list = 3,           // -> payload: Me[]
  store_read = 4,     // path -> payload: value
  store_list = 5,     // path -> payload: children, NUL-terminated; "" is the root
  stop = 6,           // Stop: force_terminate, wait, then destroy -> reply when the slot is free
  kill = 7,           // Slot
  info = 8,           // -> payload: Machine
  power_off = 9,      // -> reply, then the machine ends
  log_credit = 10,    // Credit: the engine took so many log bytes; the agency sends no more than it has credit for
  propagate = 11,     // Propagate -> reply when it is over, with a sentence; not ok: nobody is known to have a copy
  migrate = 12,       // Propagate, to one peer -> reply value = slot over there; not ok: it lives on here
  save = 13,          // Slot: the ME is offered to peer 0 -> reply when the snapshot is complete
  period = 14,        // Period: how often MEs are asked cb_pre_propagate
  list_xml = 15,      // From -> payload: a part of the list of MEs as one XML document; value as list_ids
  peer_up = 16,       // PeerUp
  peer_down = 17,     // PeerDown
  trace = 18,         // Trace: on or off; while on, `trace_records` come. -> reply, to off: after the last of them
  sync = 19,          // Sync: recorded in the trace -> reply value = counter of this machine, in nanoseconds
  list_ids = 20,      // From -> payload: MeId[]; value: the slot to go on from, 0: these were the last
  // both ways
  peer = 32,          // Peer, then a transfer::Message with what belongs to it: from or to that peer
  // agency -> engine
  ready = 64,         // Ready
  reply = 65,         // Reply, then text (status != ok) or payload
  log = 66,           // Log, then bytes: whole lines, prefix included, '\n' at the end of each
  state = 67,         // StateChange: a lifecycle transition took place
  callback = 68,      // Callback: a callback of an ME begins or ended
  transfer = 69,      // TransferChange: a transfer began, went on or ended
  trace_records = 70, // records of trace.hpp
};

struct Frame {
  std::uint32_t magic;
  std::uint16_t type;
  std::uint16_t flags;   // 0
  std::uint32_t id;      // of the request; 0 in what nobody asked for
  std::uint32_t length;
};
static_assert(sizeof(Frame) == 16);

struct Hello {
  std::uint32_t abi_version;
  std::uint32_t reserved;
  std::uint64_t agency_uid;      // of this smart object, never 0
  char name[16];                 // NUL-padded
  std::uint64_t wall_clock_ns;   // Unix time now
  std::uint64_t entropy[4];
  std::uint64_t boot_id;         // random: this start of this smart object
};
static_assert(sizeof(Hello) == 80);

struct Ready {
  std::uint32_t abi_version;
  std::uint32_t cpus;
  std::uint64_t memory_free;     // bytes an ME could get
  std::uint64_t window_size;
};

struct Inject {
  std::uint64_t offset, length;  // of the .itb in the window
};

struct Stop {
  std::uint32_t slot;
  std::uint32_t grace_ms;        // how long cb_force_terminate and the closing may take; then destroy
};

struct Slot {
  std::uint32_t slot;
  std::uint32_t reserved;
};

inline constexpr std::uint32_t peer_engine = 0;  // the engine itself: snapshots in files. Always there
inline constexpr std::uint32_t peers_all = ~std::uint32_t{0};

struct Propagate {
  std::uint32_t slot;
  std::uint32_t peer;            // peers_all: every neighbour
};

struct Period {
  std::uint32_t ms;              // 0: by hand only
  std::uint32_t reserved;
};

// A neighbour, under a number that the engine chose. Its boot id changes when it loses all it had.
struct PeerUp {
  std::uint32_t peer;
  std::uint32_t reserved;
  std::uint64_t agency_uid;
  std::uint64_t boot_id;
  char name[16];                 // NUL-padded
};

struct PeerDown {
  std::uint32_t peer;
  std::uint32_t dead;            // 1: it died with all it had. 0: it cannot be reached, and may come back
};

struct Peer {
  std::uint32_t peer;
  std::uint32_t reserved;
};

struct TransferChange {
  std::uint64_t instance_id, epoch;
  std::uint32_t peer, slot;      // slot on this side, 0 = none (yet)
  std::uint32_t kind;            // transfer::Kind
  std::uint32_t incoming;        // 0 or 1
  std::uint32_t state;           // transfer::Sender or Receiver
  std::int32_t status;           // abi::Status when it ended
};

struct Trace {
  std::uint32_t on;              // trace::Flags; 0: off
  std::uint32_t reserved;
};

struct Sync {
  std::uint64_t number;
};

struct Credit {
  std::uint64_t bytes;
};

struct Reply {
  std::int64_t status;           // abi::Status
  std::uint64_t value;
};

struct Log {
  std::uint32_t slot;
  std::uint32_t reserved;
};

struct StateChange {
  std::uint32_t slot;
  std::uint32_t from, to;        // abi::State
  std::uint32_t crash;           // abi::CrashReason when it died of one
};

struct Callback {
  std::uint32_t slot;
  std::uint32_t kind;            // 0 = domcall, 1 = dc_event, 2 = boot hook (callbacks_init)
  std::uint32_t number;          // Domcall, DcEvent, or 0
  std::int32_t result;           // when ended
  std::uint32_t ended;           // 0 = begins, 1 = ended
  std::uint32_t detail;          // cooperate: role | alone << 8
};

struct Me {
  std::uint32_t slot;
  std::uint32_t state;
  std::uint64_t spid;
  std::uint64_t spadcaps;
  std::uint64_t ram_size, ram_used;
  std::uint64_t instance_id, epoch;
  std::uint32_t cpu;
  std::uint32_t cooperates;
  char name[40];                 // NUL-terminated; description: read soo/me/<slot>/shortdesc
};
static_assert(sizeof(Me) == 104);

// A list that does not fit into one reply comes in several; each is right when it is sent.
struct From {
  std::uint32_t slot;            // and those behind it
  std::uint32_t most;            // MEs; the agency may stop before
};

// Who an ME says that it is, in the store. Until it has: slot and state, the rest empty.
struct MeId {
  std::uint32_t slot;
  std::uint32_t state;
  std::uint64_t spid;
  std::uint64_t spadcaps;
  char name[40];                 // NUL-terminated
  char shortdesc[1025];          // NUL-terminated
  char reserved[7];
};
static_assert(sizeof(MeId) == 1096);

struct Machine {
  std::uint64_t memory_total, memory_free;
  std::uint32_t cpus, gic_version, mes;
  std::uint32_t agency_heap;     // bytes of its own memory that the agency has in use
};

}  // namespace abi::link
