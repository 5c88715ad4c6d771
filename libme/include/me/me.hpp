// The mobile entity (ME) interface, in C++: the published functions of <me/me.h> with types and results.
//
// Callbacks are the published functions; define those that matter:
//
//   int cb_cooperate(soo_domcall_arg_t* args) {
//     const me::Cooperation cooperation{*args};
//     if (cooperation.alone()) return 0;
//     ...
//   }
//
// Nothing here throws; nothing blocks unless it says so.
#pragma once
#include <me/me.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

namespace me {

enum class State {
  booting = ME_state_booting,
  preparing = ME_state_preparing,
  living = ME_state_living,
  suspended = ME_state_suspended,
  migrating = ME_state_migrating,
  dormant = ME_state_dormant,
  killed = ME_state_killed,
  terminated = ME_state_terminated,
  dead = ME_state_dead,
};

enum class Error {
  not_supported = ME_ENOTSUP,
  denied = ME_EDENIED,
  invalid = ME_EINVAL,
  wrong_state = ME_ESTATE,
  not_found = ME_ENOENT,
  no_memory = ME_ENOMEM,
  no_slot = ME_ENOSLOT,
  busy = ME_EBUSY,
  too_big = ME_ETOOBIG,
};

inline std::string_view name(State state) { return get_ME_state_name(static_cast<ME_state_t>(state)); }
inline std::string_view name(Error error) { return me_status_name(static_cast<int>(error)); }

template <typename T>
using Result = std::expected<T, Error>;

// ---- State

inline State state() { return static_cast<State>(get_ME_state()); }

// Error::wrong_state: the lifecycle table has no such change from here (the console names both states).
[[nodiscard]] Result<void> set_state(State state);

// ---- Identity

// The first 16 bits of a SPID.
enum class Family : std::uint16_t { basic = 0x0010, domotics = 0x0020, system = 0x0030 };

constexpr std::uint16_t family_number(std::uint64_t spid) { return static_cast<std::uint16_t>(spid >> 48); }
constexpr bool is_family(std::uint64_t spid, Family family) {
  return family_number(spid) == static_cast<std::uint16_t>(family);
}
// "basic", "domotics", "system"; "unknown" for the rest.
constexpr std::string_view family_name(std::uint64_t spid) {
  if (is_family(spid, Family::basic)) return "basic";
  if (is_family(spid, Family::domotics)) return "domotics";
  if (is_family(spid, Family::system)) return "system";
  return "unknown";
}

// Species of the published table.
namespace species {
inline constexpr std::uint64_t refso3 = 0x0010000000000001;
inline constexpr std::uint64_t ledctrl = 0x0010000000000002;
inline constexpr std::uint64_t chat = 0x0010000000000004;
inline constexpr std::uint64_t blind = 0x0020000000000001;
inline constexpr std::uint64_t outdoor = 0x0020000000000002;
inline constexpr std::uint64_t wagoled = 0x0020000000000003;
inline constexpr std::uint64_t light_switch = 0x0020000000000004;
inline constexpr std::uint64_t heat = 0x002000000000000a;
inline constexpr std::uint64_t agency = 0x0030000000000001;
inline constexpr std::uint64_t net = 0x0030000000000002;
inline constexpr std::uint64_t iuoc = 0x0030000000000003;
}  // namespace species

inline std::uint32_t slot() { return ME_domID(); }
inline std::uint64_t spid() { return get_spid(); }
inline std::string_view name() { return get_me_name(); }
inline std::string_view short_description() { return get_me_shortdesc(); }

// ---- The place: the smart object this ME is at now; changes with each migration.

struct AgencyUid {
  std::uint64_t value;
  friend constexpr bool operator==(AgencyUid, AgencyUid) = default;
};
[[nodiscard]] Result<AgencyUid> agency_uid();

// Of any ME. Of another one only in a domcall.
[[nodiscard]] Result<State> state_of(std::uint32_t slot);

// ---- Cooperation

enum class Role { initiator = COOPERATE_INITIATOR, target = COOPERATE_TARGET };

inline void enable_cooperation() { spad_enable_cooperate(); }
inline void disable_cooperation() { spad_disable_cooperate(); }

// The arguments of cb_cooperate, read. For the length of the call.
class Cooperation {
 public:
  explicit Cooperation(soo_domcall_arg_t& args) : args_{&args.u.cooperate_args} {}

  Role role() const { return static_cast<Role>(args_->role); }
  // Initiator only: nobody is there, peer() is empty.
  bool alone() const { return args_->alone; }

  const coop_t& peer() const { return role() == Role::initiator ? args_->u.target_coop : args_->u.initiator_coop; }

  // As initiator: calls cb_cooperate of the peer, and shows it `page` (page-aligned, 4 KB, this ME's own; nullptr for
  // none) for the length of that call.
  [[nodiscard]] Result<void> cooperate(const void* page) const;

  // Asks the peer's cb_kill_me.
  [[nodiscard]] Result<void> kill_peer() const;

 private:
  const cooperate_args_t* args_;
};

}  // namespace me
