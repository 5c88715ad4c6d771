// Event channels: who is at the other end of each port of a domain. The pending bits are in the shared page.
//
// A connection is two channels that name each other, incarnation included: it is changed with both domains
// locked, and a sender that finds the other end naming it back, under the receiver's lock, cannot hit a wrong
// domain or a later one in the same slot.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>

#include "so3/abi/layout.hpp"
#include "so3/abi/shared_page.hpp"
#include "so3/arch/barrier.hpp"

namespace avz {

// Counts the domains that a slot has had; never wraps in 40 bits. 0 is nobody.
using Incarnation = std::uint64_t;
inline constexpr unsigned incarnation_bits = 40;

// One 64-bit word, so that it is read and written in one piece.
class Channel {
 public:
  enum class Kind : std::uint8_t {
    free,
    fixed,      // avz's own: control
    unbound,    // waits for `slot` in `incarnation` to bind it
    connected,  // to `port` of `slot`
    orphan,     // the other end is gone
    interrupt,  // of the device line `port`
  };

  constexpr Channel() = default;
  constexpr Channel(Kind kind, std::uint32_t slot = 0, std::uint32_t port = 0, Incarnation incarnation = 0)
      : raw_{static_cast<std::uint64_t>(kind) | std::uint64_t{slot} << 3 | std::uint64_t{port} << 12 |
             incarnation << 24} {}
  static constexpr Channel from_raw(std::uint64_t raw) {
    Channel c;
    c.raw_ = raw;
    return c;
  }

  constexpr Kind kind() const { return static_cast<Kind>(raw_ & 7); }
  constexpr std::uint32_t slot() const { return raw_ >> 3 & 0x1ff; }
  constexpr std::uint32_t port() const { return raw_ >> 12 & 0xfff; }
  constexpr Incarnation incarnation() const { return raw_ >> 24; }
  constexpr std::uint64_t raw() const { return raw_; }
  constexpr bool operator==(const Channel&) const = default;

 private:
  std::uint64_t raw_ = 0;
};
static_assert(abi::max_domains <= 0x200 && abi::events_agency <= 0x1000 && 24 + incarnation_bits == 64);

// Where to see whether a port is pending at the other end: address of the word in 63:6, number of the bit in 5:0.
// What it points at may be a page that had been the peer's a moment ago: it is only ever read, and decides nothing
// but whether there is more to do.
struct PendingView {
  static std::uint64_t at(const std::uint64_t& word, std::uint32_t bit) {
    return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&word)) << 6 | bit;
  }
  static bool pending(std::uint64_t view) {
    const auto* word = reinterpret_cast<const std::uint64_t*>(view >> 6);
    return (__atomic_load_n(word, __ATOMIC_RELAXED) >> (view & 63) & 1) != 0;
  }
};

// Storage is the domain's (an ME's lies in its own page).
class EventTable {
 public:
  struct Storage {
    std::atomic<std::uint64_t>* views;
    std::atomic<std::uint64_t>* channels;  // zeroed: free
    std::uint32_t count;
  };
  void init(Storage storage) {
    views_ = storage.views;
    channels_ = storage.channels;
    count_ = storage.count;
    for (std::uint32_t port = 0; port < count_; port++) never_pending(port);
  }
  std::uint32_t count() const { return static_cast<std::uint32_t>(count_); }
  bool has(std::uint64_t port) const { return port < count_; }

  Channel get(std::uint32_t port) const { return Channel::from_raw(channels_[port].load(std::memory_order_relaxed)); }
  // Whether the other end has not taken the last event yet; false if there is no such port or no other end. What was
  // written before this is visible to a receiver that takes a bit which is set already.
  [[gnu::always_inline]] bool pending_at_peer(std::uint64_t port) const {
    // Read as plain words, which here is as atomic and takes two instructions less.
    const auto* views = reinterpret_cast<const volatile std::uint64_t*>(views_);
    const std::uint64_t count = count_;
    if (port >= count) [[unlikely]]
      return false;
    arch::dmb_ish();
    return PendingView::pending(views[port]);
  }

  void set(std::uint32_t port, Channel channel) {
    never_pending(port);
    channels_[port].store(channel.raw(), std::memory_order_relaxed);
    if (channel.kind() == Channel::Kind::free && port < lowest_free_) lowest_free_ = port;
  }
  void connect(std::uint32_t port, Channel channel, abi::SharedPage& peer) {
    set(port, channel);
    views_[port].store(PendingView::at(peer.pending[channel.port() / 64], channel.port() % 64),
                       std::memory_order_relaxed);
  }

  // The lowest free port that may be allocated; nullopt: all are in use.
  std::optional<std::uint32_t> find_free() {
    for (std::uint32_t port = lowest_free_; port < count_; port++) {
      if (get(port).kind() != Channel::Kind::free) continue;
      lowest_free_ = port;
      return port;
    }
    lowest_free_ = count();
    return std::nullopt;
  }

 private:
  static constexpr std::uint64_t nothing = 0;  // no bit of it is ever set
  void never_pending(std::uint32_t port) { views_[port].store(PendingView::at(nothing, 0), std::memory_order_relaxed); }

  std::atomic<std::uint64_t>* views_ = nullptr;  // this and count_ first: on the way of every send
  std::uint64_t count_ = 0;
  std::uint32_t lowest_free_ = abi::port_first_free;
  std::atomic<std::uint64_t>* channels_ = nullptr;
};

// Sets the pending bit. True: the selector became non-zero, the receiver must be notified.
inline bool set_pending(abi::SharedPage& page, std::uint32_t port) {
  const std::uint32_t word = port / 64;
  const std::uint64_t bit = std::uint64_t{1} << port % 64;
  if (std::atomic_ref{page.pending[word]}.fetch_or(bit, std::memory_order_acq_rel) != 0) return false;
  return std::atomic_ref{page.selector}.fetch_or(std::uint64_t{1} << word, std::memory_order_acq_rel) == 0;
}

inline bool is_pending(abi::SharedPage& page, std::uint32_t port) {
  return (std::atomic_ref{page.pending[port / 64]}.load(std::memory_order_relaxed) >> port % 64 & 1) != 0;
}

}  // namespace avz
