// Event channels: who is at the other end of each port of a domain. The pending bits are in the shared page.
//
// A connection is two channels that name each other, incarnation included: it is changed with both domains locked.
// A sender locks nothing. It says that it is sending, then looks where to; whoever breaks a connection takes that away
// first, then waits until the other end does not send. So a send hits the domain that was connected, never a later one.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>

#include "so3/abi/layout.hpp"
#include "so3/abi/shared_page.hpp"
#include "so3/arch/barrier.hpp"
#include "so3/arch/physical.hpp"
#include "so3/avz/words.hpp"

namespace avz {

struct Domain;

// Counts the domains that a slot has had; never wraps in 40 bits. 0 is nobody.
using Incarnation = std::uint64_t;
inline constexpr unsigned incarnation_bits = 40;

// One 64-bit word, so that it is read and written in one piece.
class Channel {
 public:
  enum class Kind : std::uint8_t {
    free,
    fixed,  // avz's own: control
    unbound,  // waits for `slot` in `incarnation` to bind it
    connected,  // to `port` of `slot`
    orphan,  // the other end is gone
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

// Where the other end of a connection is: a domain, which begins with a page of its own, and its port below that.
// One word, too; 0: there is none.
class Target {
 public:
  constexpr Target() = default;
  Target(const Domain& domain, std::uint32_t port) : raw_{reinterpret_cast<std::uintptr_t>(&domain) | port} {}
  static constexpr Target from_raw(std::uint64_t raw) {
    Target t;
    t.raw_ = raw;
    return t;
  }
  constexpr std::uint64_t raw() const { return raw_; }
  explicit operator bool() const { return raw_ != 0; }
  Domain* domain() const { return reinterpret_cast<Domain*>(raw_ & ~(abi::page_size - 1)); }
  constexpr std::uint32_t port() const { return raw_ & (abi::page_size - 1); }

 private:
  std::uint64_t raw_ = 0;
};
static_assert(abi::events_agency <= abi::page_size);

// Storage is the domain's (an ME's lies in its own page).
class EventTable {
 public:
  struct Storage {
    std::atomic<std::uint64_t>* targets;  // zeroed, both: free
    std::atomic<std::uint64_t>* channels;
    std::uint32_t count;
  };
  void init(Storage storage) {
    targets_ = storage.targets;
    channels_ = storage.channels;
    count_ = storage.count;
  }
  std::uint32_t count() const { return static_cast<std::uint32_t>(count_); }
  bool has(std::uint64_t port) const { return port < count_; }

  Channel get(std::uint32_t port) const { return Channel::from_raw(channels_[port].load(std::memory_order_relaxed)); }
  // For the domain itself, until end_sending(): what this answers, nothing if there is no such port or no other end,
  // stays true. No slot may be locked meanwhile. What was written before is visible to a receiver that takes a bit
  // which is found set.
  [[gnu::always_inline]] Target begin_sending(std::uint64_t port) {
    const auto* targets = reinterpret_cast<const std::uint64_t*>(targets_);
    const std::uint64_t count = count_;
    if (port >= count) [[unlikely]]
      return {};
    sending_.store(reinterpret_cast<std::uintptr_t>(this), std::memory_order_relaxed);  // anything but 0
    arch::dmb_ish();
    return Target::from_raw(read_word(targets, port));
  }
  void end_sending() { sending_.store(0, std::memory_order_release); }
  // With the domain's slot locked.
  Target target(std::uint32_t port) const { return Target::from_raw(targets_[port].load(std::memory_order_relaxed)); }
  // After a channel to somebody was taken from this table by another: the domain does not send through it any more.
  void wait_for_sender() const {
    arch::dmb_ish();
    while (sending_.load(std::memory_order_acquire) != 0) arch::yield();
  }

  void set(std::uint32_t port, Channel channel) {
    targets_[port].store(0, std::memory_order_relaxed);
    channels_[port].store(channel.raw(), std::memory_order_relaxed);
    if (channel.kind() == Channel::Kind::free && port < lowest_free_) lowest_free_ = port;
  }
  void connect(std::uint32_t port, Channel channel, const Domain& peer) {
    set(port, channel);
    targets_[port].store(Target{peer, channel.port()}.raw(), std::memory_order_release);
  }

  // All channels as they are, with the domain's slot locked.
  template <std::size_t n>
  void copy_to(std::uint64_t (&raw)[n]) const {
    static_assert(sizeof *channels_ == sizeof *raw);
    arch::copy_bytes(raw, channels_, (n < count_ ? n : count_) * sizeof *raw);
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
  std::atomic<std::uint64_t> sending_{0};  // these three first: on the way of every send
  std::atomic<std::uint64_t>* targets_ = nullptr;
  std::uint64_t count_ = 0;
  std::uint32_t lowest_free_ = abi::port_first_free;
  std::atomic<std::uint64_t>* channels_ = nullptr;
};

// Sets the pending bit. True: the selector became non-zero, the receiver must be notified. A bit that is set already
// is only read: the sender has a full barrier before this.
inline bool set_pending(abi::SharedPage& page, std::uint32_t port) {
  std::size_t word = port / 64;
  const std::uint64_t bit = std::uint64_t{1} << port % 64;
  if ((read_word(page.pending, word) & bit) != 0) return false;
  asm("" : "+r"(word));  // addresses that only the rest needs are not computed before the answer above
  if (std::atomic_ref{page.pending[word]}.fetch_or(bit, std::memory_order_acq_rel) != 0) return false;
  return std::atomic_ref{page.selector}.fetch_or(std::uint64_t{1} << word, std::memory_order_acq_rel) == 0;
}

inline bool is_pending(abi::SharedPage& page, std::uint32_t port) {
  return (std::atomic_ref{page.pending[port / 64]}.load(std::memory_order_relaxed) >> port % 64 & 1) != 0;
}

}  // namespace avz
