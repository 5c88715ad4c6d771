// Event channels, the receiving side: who is called when a port is signalled.
#pragma once
#include <cstddef>
#include <cstdint>

#include "so3/abi/shared_page.hpp"
#include "so3/guest/hypercall.hpp"
#include "so3/guest/place.hpp"

namespace guest {

using hypercall::Port;
using hypercall::Result;
using hypercall::Slot;

// Runs with interrupts masked, on behalf of whoever was interrupted: it may wake threads, it may not block or allocate.
using EventHandler = void (*)(void* context);

// Handlers by port, in blocks of 64 that exist once a port of theirs is in use: a table for 4,032 ports costs an ME
// with ten of them 1.5 KB. Change it from threads; dispatch() runs with interrupts masked.
class EventTable {
 public:
  explicit constexpr EventTable(void (*timer)()) : timer_{timer} {}
  ~EventTable();
  EventTable(const EventTable&) = delete;
  EventTable& operator=(const EventTable&) = delete;

  // bad_argument: no such port; bad_state: it has a handler; no_memory.
  [[nodiscard]] Result<void> set(Port port, EventHandler handler, void* context);
  void clear(Port port);
  // All handlers of ports that were allocated; the ports every domain has keep theirs.
  void forget_allocated();

  // Acknowledges the interrupt, then handles all that is pending. With interrupts masked.
  void dispatch(abi::SharedPage& page);
  // The second half alone, where no interrupt is raised: after vcpu_wait.
  void handle(abi::SharedPage& page);

  // Signals on ports without a handler: a peer's late or mistaken ones. They do no harm.
  std::uint64_t strays() const { return strays_; }

 private:
  struct Entry {
    EventHandler handler;
    void* context;
  };
  struct Block {
    Entry entries[64];
  };
  [[gnu::always_inline]] inline void dispatch_word(const Block* block, std::uint64_t pending);

  void (*timer_)();
  std::uint64_t strays_ = 0;
  Block* blocks_[abi::event_words] = {};
};

// This domain's own.
extern EventTable own_events;
inline EventTable& events() { return own_events; }

// A port with a handler, for as long as it exists: closed when it goes out of scope. After an arrival it is no port any
// more: make another one, and assign it.
class EventChannel {
 public:
  EventChannel() = default;
  // A new channel that `remote` may bind.
  [[nodiscard]] static Result<EventChannel> offer(Slot remote, EventHandler handler, void* context);
  // The other end of a channel that `remote` offered.
  [[nodiscard]] static Result<EventChannel> bind(Slot remote, Port remote_port, EventHandler handler, void* context);

  EventChannel(EventChannel&& other) noexcept : port_{other.port_}, place_{other.place_} {
    other.port_ = abi::port_none;
  }
  EventChannel& operator=(EventChannel&& other) noexcept;
  ~EventChannel() { close(); }

  Port port() const { return port_; }
  // Nobody listens any more: not our concern here, the peer's state says so.
  void signal() const { static_cast<void>(hypercall::event_send(port_)); }
  void close();

 private:
  explicit EventChannel(Port port) : port_{port}, place_{here()} {}
  static Result<EventChannel> attach(Result<Port> port, EventHandler handler, void* context);
  Port port_ = abi::port_none;
  Place place_ = 0;  // where it is a port
};

}  // namespace guest
