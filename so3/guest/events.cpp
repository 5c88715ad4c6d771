#include "so3/guest/events.hpp"

#include <atomic>
#include <bit>
#include <new>
#include <utility>

#include "so3/kernel/include/so3/spinlock.hpp"
#include "so3/kernel/timers.hpp"

namespace guest {
namespace {

std::uint64_t take(std::uint64_t& word) { return std::atomic_ref{word}.exchange(0, std::memory_order_acquire); }

}  // namespace

constinit EventTable own_events{kernel::timer_interrupt};

EventTable::~EventTable() {
  for (Block* block : blocks_) delete block;
}

Result<void> EventTable::set(Port port, EventHandler handler, void* context) {
  if (port == abi::port_none || port >= abi::events_agency) return std::unexpected{abi::Status::bad_argument};
  Block*& place = blocks_[port / 64];
  if (place == nullptr) {
    auto* const block = new (std::nothrow) Block();
    if (block == nullptr) return std::unexpected{abi::Status::no_memory};
    place = block;
  }
  Entry& entry = place->entries[port % 64];
  if (entry.handler != nullptr) return std::unexpected{abi::Status::bad_state};
  const so3::IrqGuard guard;
  entry = {handler, context};
  return {};
}

void EventTable::clear(Port port) {
  if (port >= abi::events_agency || blocks_[port / 64] == nullptr) return;
  const so3::IrqGuard guard;
  blocks_[port / 64]->entries[port % 64] = {};
}

void EventTable::forget_allocated() {
  for (Port port = abi::port_first_free; port < abi::events_agency; ++port) {
    if (blocks_[port / 64] == nullptr) port |= 63;
    else clear(port);
  }
}

// The order of the steps is the protocol of abi/shared_page.hpp: whoever signals after a word was taken sees it empty
// and rings again.
void EventTable::dispatch(abi::SharedPage& page) {
  hypercall::acknowledge_interrupt();
  handle(page);
}

void EventTable::dispatch_word(const Block* block, std::uint64_t pending) {
  for (; pending != 0; pending &= pending - 1) {
    const Entry entry = block != nullptr ? block->entries[std::countr_zero(pending)] : Entry{};
    if (entry.handler != nullptr) entry.handler(entry.context);
    else ++strays_;
  }
}

void EventTable::handle(abi::SharedPage& page) {
  std::uint64_t selector = take(page.selector);
  if ((selector & abi::selector_timer) != 0) [[unlikely]] {
    timer_();
    selector &= ~abi::selector_timer;
  }
  for (; selector != 0; selector &= selector - 1) {
    const auto word = static_cast<std::uint32_t>(std::countr_zero(selector));
    const std::uint64_t pending = take(page.pending[word]);
    // A sender that found its bit set did no more than read it: what it wrote before is seen from here on, not earlier.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    dispatch_word(blocks_[word], pending);
  }
}

Result<EventChannel> EventChannel::attach(Result<Port> port, EventHandler handler, void* context) {
  if (!port) return std::unexpected{port.error()};
  EventChannel channel{*port};
  // A signal that came before this line finds no handler. Whoever attaches looks once at what the channel is about.
  if (const auto set = events().set(*port, handler, context); !set) return std::unexpected{set.error()};
  return channel;
}

Result<EventChannel> EventChannel::offer(Slot remote, EventHandler handler, void* context) {
  return attach(hypercall::event_alloc(remote), handler, context);
}

Result<EventChannel> EventChannel::bind(Slot remote, Port remote_port, EventHandler handler, void* context) {
  return attach(hypercall::event_bind(remote, remote_port), handler, context);
}

EventChannel& EventChannel::operator=(EventChannel&& other) noexcept {
  if (this != &other) {
    close();
    port_ = std::exchange(other.port_, abi::port_none);
    place_ = other.place_;
  }
  return *this;
}

void EventChannel::close() {
  const Port port = std::exchange(port_, abi::port_none);
  if (port == abi::port_none || place_ != here()) return;  // the number may be another's by now
  events().clear(port);
  // Refused only when the channel is gone already.
  static_cast<void>(hypercall::event_close(port));
}

}  // namespace guest
