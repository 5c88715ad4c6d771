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
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <type_traits>

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

// Of any ME. Of another one in a domcall, or in a thread, where it blocks.
[[nodiscard]] Result<State> state_of(std::uint32_t slot);

// ---- Cooperation

enum class Role { initiator = COOPERATE_INITIATOR, target = COOPERATE_TARGET };

inline void enable_cooperation() { spad_enable_cooperate(); }
inline void disable_cooperation() { spad_disable_cooperate(); }

// What an author puts in a page to show to others: plain data with a species and a version of its own.
//
//   struct Letter {
//     static constexpr std::uint64_t species = me::species::refso3;
//     static constexpr std::uint32_t version = 1;
//     char letter;
//   };
template <typename T>
concept PageContent = std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T> && sizeof(T) <= 4096 && requires {
  { T::species } -> std::convertible_to<std::uint64_t>;
  { T::version } -> std::convertible_to<std::uint32_t>;
};

// One page of this ME, with a T at its begin and nothing else in it. A variable of static storage is right.
template <PageContent T>
class alignas(4096) SharedPage {
 public:
  constexpr SharedPage() = default;
  SharedPage(const SharedPage&) = delete;
  SharedPage& operator=(const SharedPage&) = delete;

  // Says what is in it (me_show_page), so that MEs of this species expect the same. Usually in callbacks_init.
  void show() const { static_cast<void>(me_show_page(this, sizeof(T), T::version)); }

  T& operator*() { return content_; }
  T* operator->() { return &content_; }

 private:
  T content_{};
};

// Pages of T's species are seen here if they are a T of this version. Error::no_memory: ME_EXPECTED_MAX are said already.
template <PageContent T>
[[nodiscard]] Result<void> expect_page() {
  if (const int said = me_expect_page(T::species, sizeof(T), T::version); said != ME_OK)
    return std::unexpected{static_cast<Error>(said)};
  return {};
}

// The initiator's page, as its target sees it while cb_cooperate runs. Keep no pointer into it.
class LentPage {
 public:
  explicit LentPage(const coop_t& initiator) : from_{&initiator} {}
  // nullptr: it shows none, or none that is a T of that species, size and version.
  template <PageContent T>
  T* as() const {
    const bool fits = from_->spid == T::species && from_->page_bytes == sizeof(T) && from_->page_version == T::version;
    return fits ? reinterpret_cast<T*>(from_->pfn << 12) : nullptr;
  }

 private:
  const coop_t* from_;
};

// From a thread or a dc_event callback; these block. What they answer: AG_COOPERATE, AG_LOCAL_COOPERATE, AG_KILL_ME.
[[nodiscard]] Result<void> cooperate_with(std::uint32_t slot, const void* page = nullptr, std::uint32_t bytes = 0,
                                          std::uint32_t version = 0);
[[nodiscard]] Result<void> cooperate_locally();
// Anywhere but in interrupts.
[[nodiscard]] Result<void> kill(std::uint32_t slot);

// Does this smart object have devices of a DEVCAPS_CLASS_..., with all of these attributes?
[[nodiscard]] Result<bool> has_device_class(std::uint32_t device_class);
[[nodiscard]] Result<bool> has_devices(std::uint32_t device_class, std::uint32_t attributes);

// The arguments of cb_cooperate, read. For the length of the call.
class Cooperation {
 public:
  explicit Cooperation(soo_domcall_arg_t& args) : args_{&args.u.cooperate_args} {}

  Role role() const { return static_cast<Role>(args_->role); }
  // Initiator only: nobody is there, peer() is empty.
  bool alone() const { return args_->alone; }

  const coop_t& peer() const { return role() == Role::initiator ? args_->u.target_coop : args_->u.initiator_coop; }

  // As initiator: calls cb_cooperate of the peer, and shows it `page` (page-aligned, 4 KB, this ME's own; nullptr for
  // none) for the length of that call. `bytes` and `version`: what of it is used, and how; both 0: as me_show_page said.
  [[nodiscard]] Result<void> cooperate(const void* page, std::uint32_t bytes = 0, std::uint32_t version = 0) const;
  template <PageContent T>
  [[nodiscard]] Result<void> cooperate(const SharedPage<T>& page) const {
    return cooperate(static_cast<const void*>(&page), sizeof(T), T::version);
  }

  // As target: what the initiator shows.
  LentPage page() const { return LentPage{args_->u.initiator_coop}; }

  // Asks the peer's cb_kill_me.
  [[nodiscard]] Result<void> kill_peer() const;

 private:
  const cooperate_args_t* args_;
};

}  // namespace me
